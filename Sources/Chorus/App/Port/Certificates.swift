import Foundation
import Logging
import NIOSSL
import ServiceLifecycle
import Synchronization
import UnixSignals

/// What this server shows of itself in TLS, read again when its files change.
final class Certificates: Sendable {
    /// Where they stand, in PEM.
    struct Files: Sendable, Equatable {
        /// The server's own certificate and those between it and a root.
        let chain: String
        let key: String
    }

    /// What came of a look at the files.
    enum Outcome: Equatable {
        case unchanged
        case replaced
        /// What was shown before is shown further; why.
        case broken(String)
    }

    private struct Contents: Equatable {
        let chain: Data?
        let key: Data?
    }

    private struct State {
        var context: NIOSSLContext
        /// What the context was made of, or could not be made of.
        var known: Contents
        /// What the last look found.
        var seen: Contents
    }

    private let files: Files
    private let state: Mutex<State>

    /// - Throws: ``SetupRefusal`` with what to do.
    init(_ files: Files) throws {
        self.files = files
        let contents = Self.read(files)
        do {
            state = Mutex(State(context: try Self.context(contents, files), known: contents, seen: contents))
        } catch {
            throw ConfigurationRefusal(description: "\(Self.reason(error, files)) Nothing was started.")
        }
    }

    /// What keeps files from being used, and what to do; `nil` when nothing does.
    static func fault(in files: Files) -> String? {
        do { _ = try context(read(files), files) } catch { return reason(error, files) }
        return nil
    }

    /// For handshakes that begin now; connections keep the one they began with.
    var current: NIOSSLContext { state.withLock { $0.context } }

    /// Looks at the files.
    ///
    /// Their contents are compared, not their times: clocks jump, and whoever swaps a link changes none. A change counts once
    /// two looks have found the same, because certificate and key are written one after the other.
    ///
    /// - Parameter isAsked: whether a change counts at once, because somebody has said that it is complete.
    func look(isAsked: Bool = false) -> Outcome {
        let contents = Self.read(files)
        let isDue = state.withLock { state in
            defer { state.seen = contents }
            return contents != state.known && (isAsked || contents == state.seen)
        }
        guard isDue else { return .unchanged }
        let made = Result { try Self.context(contents, files) }
        return state.withLock { state in
            state.known = contents
            switch made {
            case .success(let context):
                state.context = context
                return .replaced
            case .failure(let error): return .broken(Self.reason(error, files))
            }
        }
    }

    private static func read(_ files: Files) -> Contents {
        Contents(
            chain: FileManager.default.contents(atPath: files.chain),
            key: FileManager.default.contents(atPath: files.key)
        )
    }

    private enum Fault: Error { case chainUnreadable, chainEmpty, keyUnreadable, keyNoPEM }

    private static func context(_ contents: Contents, _ files: Files) throws -> NIOSSLContext {
        guard let pem = contents.chain else { throw Fault.chainUnreadable }
        guard let keyPEM = contents.key else { throw Fault.keyUnreadable }
        guard let chain = try? NIOSSLCertificate.fromPEMBytes(Array(pem)), !chain.isEmpty else {
            throw Fault.chainEmpty
        }
        guard let key = try? NIOSSLPrivateKey(bytes: Array(keyPEM), format: .pem) else { throw Fault.keyNoPEM }
        // Asks no client for a certificate: who somebody is, is said above TLS or, on anonymous routes, not at all.
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) },
            privateKey: .privateKey(key)
        )
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["h2", "http/1.1"]
        return try NIOSSLContext(configuration: configuration)
    }

    private static func reason(_ error: any Error, _ files: Files) -> String {
        switch error as? Fault {
        case .chainUnreadable: "The certificate \(files.chain) cannot be read. Let this user read it."
        case .keyUnreadable: "The key \(files.key) cannot be read. Let this user, and nobody else, read it."
        case .chainEmpty: "\(files.chain) holds no certificate in PEM. Give the file with the whole chain."
        case .keyNoPEM: "\(files.key) holds no key in PEM that needs no password. Give the certificate's own key."
        case nil:
            "\(files.key) is not the key of the first certificate in \(files.chain). Give two that belong together."
        }
    }
}

/// Looks at the certificates every few seconds, and when told to (SIGHUP).
struct WatchCertificates: Service {
    /// By the clock that never jumps.
    static let pause: Duration = .seconds(5)

    let certificates: Certificates
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    while !Task.isCancelled {
                        try? await Task.sleep(for: Self.pause)
                        note(certificates.look())
                    }
                }
                group.addTask {
                    for await _ in await UnixSignalsSequence(trapping: .sighup) {
                        note(certificates.look(isAsked: true))
                    }
                }
            }
        }
    }

    private func note(_ outcome: Certificates.Outcome) {
        switch outcome {
        case .unchanged: break
        case .replaced: logger.notice("a new certificate is in use")
        case .broken(let reason): logger.error("the old certificate stays in use: \(reason)")
        }
    }
}
