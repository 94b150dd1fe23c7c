import Crypto

/// What a token is good for: one scope of one network in one epoch.
public struct TokenContext: Hashable, Sendable {
    /// The network's id, lower case.
    public let network: String
    /// Id of the network, round, recommendation or channel, lower case.
    public let scope: String
    /// Such as `2026-W48`.
    public let epoch: String

    /// Names a context.
    ///
    /// - Parameters:
    ///   - network: id of the network, lower case with dashes.
    ///   - scope: id of the network, round, recommendation or channel, lower case with dashes.
    ///   - epoch: name of the epoch.
    public init(network: String, scope: String, epoch: String) {
        self.network = network
        self.scope = scope
        self.epoch = epoch
    }

    /// SHA-256 of the canonical JSON of the context; stands in the token input.
    public var digest: [UInt8] {
        let json = CanonicalJSON.object([
            "v": .integer(1), "network": .string(network), "scope": .string(scope), "epoch": .string(epoch),
        ])
        return Array(SHA256.hash(data: json.bytes))
    }
}
