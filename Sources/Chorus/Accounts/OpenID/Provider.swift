import Crypto
import Foundation

/// Where members of a network may sign in: an OpenID Provider, as the operator has set it up.
struct Provider: Sendable {
    /// Who may come by one when nobody says otherwise.
    ///
    /// To them a provider that the employer runs opens nothing that is the network's alone: a coordinator sees who is in it, and a moderator reads messages.
    static let usualRoles: Set<Role> = [.member, .organiser, .hr, .council]

    let network: UUID
    /// Compared to the letter (OpenID Connect Core 1.0, section 3.1.3.7).
    let issuer: String
    let clientId: String
    let sealedSecret: [UInt8]?
    /// What stands on its button.
    let name: String
    /// Whether an address that it says it has verified may find a member.
    let trustsEmail: Bool
    let roles: Set<Role>

    /// Whether everything that an account is may come by this provider; an admin never does.
    func admits(_ roles: [String], isAdmin: Bool) -> Bool {
        !isAdmin && Set(roles).isSubset(of: self.roles.map(\.rawValue))
    }
}

/// What keeps a provider's matters out of the database: two keys in files beside it.
struct ProviderKeys: Sendable {
    /// Seals client secrets, and what a browser carries through a sign-in.
    let sealing: SymmetricKey
    /// Key of the HMAC under which subjects and sessions of providers are looked up.
    let subjects: SymmetricKey

    /// - Throws: ``DataDirectory/Failure``.
    init(_ data: DataDirectory) throws {
        sealing = SymmetricKey(data: try data.secret("provider-sealing"))
        subjects = SymmetricKey(data: try data.secret("provider-subjects"))
    }

    /// AES-256-GCM, bound to what it is for, so that none can be put in another's place.
    func seal(_ bytes: [UInt8], for purpose: String) throws -> [UInt8] {
        Array(try AES.GCM.seal(bytes, using: sealing, authenticating: Array(purpose.utf8)).combined ?? Data())
    }

    /// - Throws: what CryptoKit says when it was sealed under another key or for something else.
    func open(_ sealed: [UInt8], for purpose: String) throws -> [UInt8] {
        let box = try AES.GCM.SealedBox(combined: sealed)
        return Array(try AES.GCM.open(box, using: sealing, authenticating: Array(purpose.utf8)))
    }

    /// A name of a provider's own that means nothing without the key.
    enum Named: String { case subject, session, logout }

    /// What is stored of a name: no issuer can hold a zero byte, so that no two names are one.
    func hash(_ named: Named, _ name: String, by issuer: String) -> [UInt8] {
        let text = "\(named.rawValue)\u{0}\(issuer)\u{0}\(name)"
        return Array(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: subjects))
    }
}

extension Provider {
    private var purpose: String { "client secret of \(network.text)" }

    /// - Returns: the same with a client secret; `nil` takes it away.
    func keeping(_ secret: String?, under keys: ProviderKeys) throws -> Provider {
        Provider(
            network: network,
            issuer: issuer,
            clientId: clientId,
            sealedSecret: try secret.map { try keys.seal(Array($0.utf8), for: purpose) },
            name: name,
            trustsEmail: trustsEmail,
            roles: roles
        )
    }

    /// The client secret, where there is one.
    ///
    /// - Throws: what CryptoKit says when the key file is not the one that it was sealed under.
    func secret(under keys: ProviderKeys) throws -> String? {
        try sealedSecret.map { String(decoding: try keys.open($0, for: purpose), as: UTF8.self) }
    }
}

/// Which addresses of a provider are asked.
enum ProviderAddress {
    /// Whether it is encrypted, or cannot leave this machine, or is one that the operator has named.
    ///
    /// - Parameters:
    ///   - address: without user names, fragments and other spellings of numbers.
    ///   - plainHosts: `host` or `host:port` that may be asked without encryption.
    static func isAllowed(_ address: String, plainHosts: Set<String>) -> Bool {
        guard let target = WebhookTarget(address) else { return false }
        return target.isEncrypted || ["localhost", "127.0.0.1", "::1"].contains(target.host)
            || plainHosts.contains(target.host) || plainHosts.contains("\(target.host):\(target.port)")
    }
}
