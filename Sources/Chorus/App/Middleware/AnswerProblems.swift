import Foundation
import Hummingbird
import Logging
import NIOCore
import NIOHTTP1
import NIOSSL
import Postgres

/// Turns every error into problem+json; the only place where an error becomes an answer.
struct AnswerProblems: RouterMiddleware {
    typealias Context = AppContext

    func handle(
        _ request: Request,
        context: AppContext,
        next: @concurrent (Request, AppContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        context.language = Language(accepting: request.headers[.acceptLanguage])
        do {
            return try await next(request, context)
        } catch {
            let problem = Problem(answering: error)
            if problem.name == .internal || error is DataDirectory.Failure {
                // The type says what kind of mistake it was; a description could quote what somebody sent.
                var metadata: Logger.Metadata = ["error": "\(Self.bland(error))"]
                // Nothing in a log leads to an anonymous request, not even a failed one.
                if !request.uri.path.hasPrefix("/v1/anonymous") {
                    metadata["request"] = "\(context.requestId)"
                    metadata["route"] = "\(context.endpointPath ?? "")"
                }
                context.logger.error("request failed", metadata: metadata)
            }
            return try problem.response(requestId: context.requestId, language: context.language)
        }
    }

    private static func bland(_ error: any Error) -> String {
        (error as? PostgresError)?.description ?? (error as? DataDirectory.Failure)?.reason ?? "\(type(of: error))"
    }
}

extension Problem {
    /// The problem that an error is answered with.
    init(answering error: any Error) {
        switch error {
        case let problem as Problem: self = problem
        case let error as PostgresError: self = Problem(sqlError: error)
        case let error as HTTPError: self = Problem(status: error.status)
        // What breaks in the middle of a body is met by whoever reads the body.
        case is HTTPParserError: self = Problem(.malformed)
        // So is the end of the connection there; nobody hears the answer, and a log must not grow by it.
        case is NIOSSLError, is ChannelError, is IOError: self = Problem(.malformed)
        case is CancellationError: self = .unavailable()
        // A disk that is full or gone: nothing was stored, and it is for the operator to make room.
        case is DataDirectory.Failure: self = .unavailable(retryAfter: 30)
        default: self = Problem(.internal)
        }
    }

    private init(status: HTTPResponse.Status) {
        let name: ProblemName =
            switch status {
            case .notFound: .notFound
            case .contentTooLarge: .tooLarge
            case .unsupportedMediaType: .unsupportedMediaType
            case .unauthorized: .unauthenticated
            case .forbidden: .forbidden
            default: status.kind == .clientError ? .malformed : .internal
            }
        self.init(name)
    }

    /// The body and head of the answer.
    func response(requestId: UUID, language: Language) throws -> Response {
        let body = body(requestId: requestId, language: language)
        var response = try Response.json(body, status: name.status, headers: headers)
        response.headers[.contentType] = "application/problem+json"
        response.headers[.contentLanguage] = language == .en ? "en" : "de"
        if name.status == .unauthorized { response.headers[.wwwAuthenticate] = "Bearer" }
        return response
    }

    /// The body alone, for what no router has seen.
    func json(language: Language) throws -> Data { try Response.encoded(body(requestId: UUID(), language: language)) }

    private func body(requestId: UUID, language: Language) -> Body {
        let text = name.text(in: language)
        return Body(
            type: "https://chorus.invalid/problems/\(name.rawValue)",
            title: text.title,
            status: name.status.code,
            detail: text.detail,
            requestId: requestId.uuidString.lowercased(),
            errors: errors.isEmpty ? nil : errors,
            challenge: challenge?.text,
            difficulty: challenge?.difficulty
        )
    }

    private struct Body: Encodable {
        let type: String
        let title: String
        let status: Int
        let detail: String
        let requestId: String
        let errors: [FieldError]?
        let challenge: String?
        let difficulty: Int?
    }
}
