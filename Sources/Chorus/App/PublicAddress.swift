import Foundation
import Hummingbird
import Postgres

extension ServerParts {
    /// Where people reach this server, without a slash at its end: what the operator says, else what the asker's browser has asked for.
    ///
    /// The latter is the asker's own word, so that it goes nowhere but into the answer to them.
    func publicAddress(for request: Request) -> String {
        if let address = configuration.publicURL { return address }
        let named = request.head.authority ?? ""
        let isHost = named.wholeMatch(of: #/([A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(:[0-9]{1,5})?/#) != nil
        let host = isHost ? named : "localhost"
        return (!isHost || SessionCookie.isLocal(request) ? "http://" : "https://") + host
    }

    /// Twelve digits of a network's key directory as it is now, which people compare (anonymity.md, section 3.4).
    func shortCode(of network: UUID) async throws -> String {
        let versions = try await databases.member.execute(ReadDirectoryVersions(network: network), network: network)
        return DirectoryChain.shortCode(ofDigest: versions.last?.digest.hex ?? DirectoryChain.beginning)
    }
}
