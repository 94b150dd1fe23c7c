import Hummingbird

/// An error answer in the form of RFC 9457 (problem+json): which problem, never whose.
struct Problem: Error, Equatable {
    /// What one field of the request got wrong.
    struct FieldError: Error, Equatable, Encodable {
        /// RFC 6901 pointer into the request body, or the name of a query parameter.
        let pointer: String
        /// The reason in English; it never repeats the value.
        let detail: String
    }

    let name: ProblemName
    var errors: [FieldError] = []
    /// Further headers of the answer, such as `Retry-After`, `Allow` or `WWW-Authenticate`.
    var headers: HTTPFields = [:]
    /// What has to be worked for before the same may be asked again.
    private(set) var challenge: Challenge?

    /// - Parameters:
    ///   - name: which problem; decides status, title and the text a person reads.
    ///   - errors: the fields at fault; empty by default.
    ///   - headers: further headers of the answer; none by default.
    init(_ name: ProblemName, errors: [FieldError] = [], headers: HTTPFields = [:]) {
        self.name = name
        self.errors = errors
        self.headers = headers
    }

    /// A flood: whoever asks has to work for an answer.
    init(challenge: Challenge) {
        self.init(.challengeRequired, headers: [.retryAfter: "1"])
        self.challenge = challenge
    }

    /// One field of the body or one query parameter is at fault.
    static func invalid(_ pointer: String, _ detail: String) -> Problem {
        Problem(.invalid, errors: [FieldError(pointer: pointer, detail: detail)])
    }

    /// The service is busy or a database is away; nothing was stored.
    static func unavailable(retryAfter seconds: Int = 2) -> Problem {
        Problem(.unavailable, headers: [.retryAfter: String(seconds)])
    }
}
