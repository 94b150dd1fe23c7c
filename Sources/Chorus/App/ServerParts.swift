import Crypto
import Foundation
import Logging
import NIOPosix

/// What the server is made of; built by the command line, the demo and the tests alike.
struct ServerParts: Sendable {
    let configuration: ServerConfiguration
    let data: DataDirectory
    let secrets: Secrets
    let databases: Databases
    let logger: Logger
    /// Figures for `/metrics`.
    let metrics: PrometheusRegistry
    /// For scrypt and RSA, which would keep an event loop busy; two threads bound how much of it runs at once.
    let computing: NIOThreadPool
    /// Bounds how much of it is passwords.
    let passwords: PasswordQueue
    /// For those who wait for the two threads: most work takes a millisecond, a password some tenths of a second.
    let computations = Places(512)
    /// Keys of the batches in the inbox.
    let batchKeys: BatchKeys
    /// Slows down those who guess passwords and codes.
    let guesses: GuessLimits
    /// The present instant; tests move it.
    let now: @Sendable () -> Date
    /// What this server shows of itself in TLS; `nil` without it.
    let certificates: Certificates?
    /// Counts the requests of accounts, and of addresses without one.
    let limiter: RateLimiter
    /// Counts anonymous requests by address.
    let anonymousLimiter: RateLimiter
    /// What changed in the databases, here and in other processes.
    let changes: Changes
    /// The streaming replica of the record, if there is one.
    let recordReplica: RecordReplica?
    /// Answers that many people share.
    let ready: ReadyAnswers
    /// Who has signed in lately.
    let bearers: KnownBearers
    /// Credentials whose bearer the database has to name.
    let signIns: BearerGatherer
    /// The keys that submissions named lately.
    let keys: KnownKeys
    /// Submissions on their way into the inbox.
    let submissions: SubmissionGatherer
    /// Answers to events on their way into the database.
    let rsvps: RSVPGatherer
    /// Members who ask for tokens, on their way into the database.
    let grants: GrantGatherer
    /// Makes the QR codes of posters.
    let codes: QRCodes
    /// Tells systems of HR that the record has grown.
    var webhooks: WebhookSender
    /// What is known of providers of sign-ins.
    let providers: KnownProviders
    /// Tosses the coins that hold blocks up; the demo seeds it so that its numbers are the same every time.
    var coins: @Sendable () -> any RandomNumberGenerator = { SystemRandomNumberGenerator() }

    /// What people agree to.
    var consentTexts = ConsentTexts.embedded

    /// Runs something heavy off the event loop.
    ///
    /// - Throws: ``Problem`` `unavailable` when too much waits already; what the body throws.
    func compute<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        guard computations.enter() else { throw Problem.unavailable() }
        defer { computations.leave() }
        return try await computing.runIfActive { try body() }
    }
}
