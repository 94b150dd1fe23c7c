import Crypto

/// What is signed blindly: 98 bytes in the layout of Privacy Pass type 2 (RFC 9578, section 6.1).
public struct TokenInput: Hashable, Sendable {
    /// Size in bytes.
    public static let size = 98
    /// The token type, blind RSA.
    private static let type: [UInt8] = [0x00, 0x02]

    /// `0x0002 || nonce[32] || SHA-256(context)[32] || keyId[32]`.
    public let bytes: [UInt8]

    /// The client's 32 random bytes.
    public var nonce: [UInt8] { Array(bytes[2..<34]) }
    /// SHA-256 of the context that the token is for.
    public var contextDigest: [UInt8] { Array(bytes[34..<66]) }
    /// The issuer's key.
    public var keyId: [UInt8] { Array(bytes[66..<98]) }

    /// Reads an input.
    ///
    /// - Parameter bytes: `nil` is returned unless they are 98 bytes of type 2.
    public init?(bytes: [UInt8]) {
        guard bytes.count == Self.size, bytes.starts(with: Self.type) else { return nil }
        self.bytes = bytes
    }

    /// Makes an input with a fresh nonce.
    ///
    /// - Parameters:
    ///   - context: what the token is for.
    ///   - keyId: the issuer's key, 32 bytes.
    public init(context: TokenContext, keyId: [UInt8]) {
        let nonce = SymmetricKey(size: .bits256).withUnsafeBytes { Array($0) }
        bytes = Self.type + nonce + context.digest + keyId
    }

    /// What is remembered of a spent token: SHA-256("nullifier-v1" || input).
    public var nullifier: [UInt8] {
        Array(SHA256.hash(data: Array("nullifier-v1".utf8) + bytes))
    }
}

/// A token: an input and the issuer's signature of it, which the issuer has never seen together.
public struct Token: Hashable, Sendable {
    /// Size of a signature in bytes.
    public static let signatureSize = 256

    /// What was signed.
    public let input: TokenInput
    /// The authenticator, 256 bytes.
    public let signature: [UInt8]

    /// Puts a token together.
    ///
    /// - Parameters:
    ///   - input: what was signed.
    ///   - signature: 256 bytes.
    public init(input: TokenInput, signature: [UInt8]) {
        self.input = input
        self.signature = signature
    }

    /// Whether the token was issued under this key for this context.
    ///
    /// - Parameters:
    ///   - context: what the token must be for.
    ///   - key: the issuer's key.
    public func isValid(for context: TokenContext, under key: IssuerPublicKey) -> Bool {
        isValid(forContextDigest: context.digest, under: key)
    }

    /// Whether the token was issued under this key for a context whose digest is known.
    ///
    /// - Parameters:
    ///   - digest: ``TokenContext/digest`` of what the token must be for.
    ///   - key: the issuer's key.
    public func isValid(forContextDigest digest: [UInt8], under key: IssuerPublicKey) -> Bool {
        input.keyId == key.keyId && input.contextDigest == digest && key.isSignature(signature, of: input.bytes)
    }
}
