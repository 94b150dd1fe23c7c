import Crypto
import Foundation
import Logging
import Postgres
import ServiceLifecycle

/// A server beside others on one database, by what it must have in common with them.
///
/// The logins' passwords and the keys that seal lie in the data directory: who comes with others would shut the others out. The keys
/// of batches lie there too: who takes anonymous input into a batch whose key the others do not have lets nobody mix it.
struct Peer: Sendable {
    /// How often each says that it is there.
    static let beat: Duration = .seconds(15)

    let id = UUID()
    /// SHA-256 of the secrets.
    let secrets: [UInt8]
    /// SHA-256 of an id that only servers with the same data directory have.
    let directory: [UInt8]
    let takesAnonymous: Bool

    /// - Parameters:
    ///   - data: its data directory.
    ///   - takesAnonymous: whether it takes anonymous input and mixes.
    /// - Throws: ``DataDirectory/Failure``.
    init(_ data: DataDirectory, takesAnonymous: Bool) throws {
        // Makes those that have not been needed yet; a network's own key for packages comes with its first one.
        _ = try Secrets(data)
        let logins = try LoginRole.allCases.map { ($0.rawValue, try data.secret($0.rawValue)) }
        let kept = try data.keptSecrets().filter { !$0.key.hasPrefix("town-key-") }
        let all = (logins + kept).sorted { $0.0 < $1.0 }
        secrets = Array(SHA256.hash(data: all.flatMap { Array("\($0.0)=".utf8) + $0.1 }))
        directory = Array(SHA256.hash(data: try data.identity()))
        self.takesAnonymous = takesAnonymous
    }

    /// - Parameter others: how many servers do not go with this one.
    /// - Throws: ``Refusal``.
    func require(_ others: FindStrangers.Row) throws(Refusal) {
        if others.secrets > 0 { throw .otherSecrets }
        if others.directory > 0 { throw .otherDirectory }
    }

    /// Why a server must not start beside those that run.
    enum Refusal: SetupRefusal, Equatable {
        case otherSecrets
        case otherDirectory

        var description: String {
            switch self {
            case .otherSecrets:
                "A server with other secrets runs on this database. Nothing was changed: the passwords of this data directory would "
                    + "have shut it out. Use its data directory (--data), or copy its folder secrets/ here. If it ended without a "
                    + "word, wait a minute."
            case .otherDirectory:
                "A server with another data directory takes anonymous input on this database. Nothing was changed: neither could "
                    + "mix what the other takes. Put the data directory where both reach it (--data), or set CHORUS_ANONYMOUS=off "
                    + "here and lead /v1/anonymous to the other. If it ended without a word, wait a minute."
            }
        }
    }
}

extension DatabaseSetup {
    /// Refuses to go on beside servers whose files do not go with this one's; before anything is changed.
    ///
    /// - Throws: ``Peer/Refusal``; `PostgresError`.
    func check(_ peer: Peer) async throws {
        let found = try await withMigrator(.private) { pool -> FindStrangers.Row? in
            // Of a database without the table nobody can be there.
            do { return try await pool.first(FindStrangers(peer: peer)) } catch let error as PostgresError
                where error.sqlState == "42P01" || error.sqlState == "42501"
            {
                return nil
            }
        }
        if let found { try peer.require(found) }
    }
}

/// Says that a server is there, as long as it is.
struct KeepPeer: Service {
    let peer: Peer
    let pool: PostgresPool
    let logger: Logger
    var beat = Peer.beat

    /// Says it for the first time.
    ///
    /// - Throws: ``Peer/Refusal`` when another one that does not go with this one has started at the same moment.
    func begin() async throws {
        _ = try await pool.execute(SeePeer(peer: peer))
        guard let found = try await pool.first(FindStrangers(peer: peer)) else { return }
        do { try peer.require(found) } catch {
            _ = try await pool.execute(ForgetPeer(id: peer.id))
            throw error
        }
    }

    /// - Throws: ``Peer/Refusal`` when one that does not go with this one has come while neither knew of the other; whoever starts
    ///   this one again is told why it must not.
    func run() async throws {
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: beat) }
            if Task.isShuttingDownGracefully || Task.isCancelled { break }
            do {
                _ = try await pool.execute(SeePeer(peer: peer))
                if let found = try await pool.first(FindStrangers(peer: peer)) { try peer.require(found) }
            } catch let refusal as Peer.Refusal {
                logger.critical("\(refusal)")
                _ = try? await pool.execute(ForgetPeer(id: peer.id))
                throw refusal
            } catch {
                let reason = (error as? PostgresError)?.description ?? "\(type(of: error))"
                logger.warning("this server could not say that it is there", metadata: ["error": "\(reason)"])
            }
        }
        // Should this not be heard, a minute says the same.
        _ = try? await pool.execute(ForgetPeer(id: peer.id))
    }
}
