import Crypto
import CryptoExtras
import Foundation

/// The variant of RFC 9474 that is used: the client's nonce makes every message unique, so nothing is randomised twice.
private let variant = _RSA.BlindSigning.Parameters.RSABSSA_SHA384_PSS_Deterministic

/// A key that signs what it cannot read.
public struct IssuerKey: Sendable {
    private let key: _RSA.BlindSigning.PrivateKey<SHA384>

    /// Makes a new key of 2048 bits; takes some tens of milliseconds.
    ///
    /// - Throws: `CryptoKitError` when the library fails.
    public init() throws {
        key = try _RSA.BlindSigning.PrivateKey(keySize: .bits2048, parameters: variant)
    }

    /// Reads a key.
    ///
    /// - Parameter derRepresentation: what ``derRepresentation`` gave.
    /// - Throws: `CryptoKitError` when it is no such key.
    public init(derRepresentation: [UInt8]) throws {
        key = try _RSA.BlindSigning.PrivateKey(derRepresentation: derRepresentation, parameters: variant)
    }

    /// The private key in DER; never stored unsealed.
    public var derRepresentation: [UInt8] { Array(key.derRepresentation) }

    /// The public half.
    ///
    /// - Throws: ``IssuerPublicKey/Refusal`` when the key could not serve.
    public var publicKey: IssuerPublicKey {
        get throws {
            let primitives = try key.publicKey.getKeyPrimitives()
            return try IssuerPublicKey(modulus: Array(primitives.modulus), exponent: Array(primitives.publicExponent))
        }
    }

    /// Signs a blinded message (RFC 9474, section 4.3); the library checks its own result against the public key.
    ///
    /// - Parameter blinded: 256 bytes.
    /// - Returns: 256 bytes.
    /// - Throws: `CryptoKitError` when the bytes are no number below the modulus.
    public func blindSign(_ blinded: [UInt8]) throws -> [UInt8] {
        Array(try key.blindSignature(for: blinded).rawRepresentation)
    }
}

/// The public half of an issuer's key, checked as a careful client checks it.
public struct IssuerPublicKey: Sendable {
    /// Why a key is not used.
    public enum Refusal: Error, Equatable {
        /// Another size than 2048 bits.
        case size
        /// The modulus is even.
        case evenModulus
        /// Another exponent than 65537.
        case exponent
        /// The library cannot use it.
        case unusable
    }

    /// 65537, the only exponent that is accepted: a small one would let a forger take roots.
    public static let exponent: [UInt8] = [0x01, 0x00, 0x01]

    /// The modulus, 256 bytes.
    public let modulus: [UInt8]
    /// SHA-256 of the key's SubjectPublicKeyInfo.
    public let keyId: [UInt8]
    private let key: _RSA.BlindSigning.PublicKey<SHA384>

    /// Takes a key as the directory shows it.
    ///
    /// - Parameters:
    ///   - modulus: `n`, big-endian, 256 bytes.
    ///   - exponent: `e`, big-endian.
    /// - Throws: ``Refusal``.
    public init(modulus: [UInt8], exponent: [UInt8]) throws(Refusal) {
        guard modulus.count == 256, let first = modulus.first, first >= 0x80 else { throw .size }
        guard let last = modulus.last, last & 1 == 1 else { throw .evenModulus }
        guard Array(exponent.drop { $0 == 0 }) == Self.exponent else { throw .exponent }
        do {
            key = try _RSA.BlindSigning.PublicKey(n: modulus, e: Self.exponent, parameters: variant)
        } catch {
            throw .unusable
        }
        self.modulus = modulus
        keyId = Array(SHA256.hash(data: key.derRepresentation))
    }

    /// Whether a blinded value can be signed: a number below the modulus.
    ///
    /// - Parameters:
    ///   - blinded: 256 bytes, big-endian.
    ///   - modulus: the key's modulus, 256 bytes.
    public static func canSign(_ blinded: [UInt8], modulus: [UInt8]) -> Bool {
        blinded.count == modulus.count && blinded.lexicographicallyPrecedes(modulus)
    }

    /// Whether a signature is one of a message by this key.
    ///
    /// - Parameters:
    ///   - signature: 256 bytes.
    ///   - message: what was signed.
    public func isSignature(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        key.isValidSignature(.init(rawRepresentation: Data(signature)), for: key.prepare(message))
    }

    /// Blinds a token input (RFC 9474, section 4.2); the client's side.
    ///
    /// - Parameter input: what is to be signed.
    /// - Returns: what is sent, and what is kept to finish with.
    /// - Throws: `CryptoKitError` when the library fails.
    public func blind(_ input: TokenInput) throws -> BlindedToken {
        let prepared = key.prepare(input.bytes)
        let result = try key.blind(prepared)
        return BlindedToken(
            input: input,
            blinded: Array(result.blindedMessage),
            finish: { [key] signature in
                let unblinded = try key.finalize(
                    .init(rawRepresentation: Data(signature)),
                    for: prepared,
                    blindingInverse: result.inverse
                )
                return Array(unblinded.rawRepresentation)
            }
        )
    }
}

/// A token on its way: blinded, with what is needed to unblind the answer.
public struct BlindedToken {
    /// What will have been signed.
    public let input: TokenInput
    /// 256 bytes for the issuer.
    public let blinded: [UInt8]
    fileprivate let finish: ([UInt8]) throws -> [UInt8]

    /// Unblinds the issuer's answer and tests the signature (RFC 9474, section 4.4).
    ///
    /// - Parameter blindSignature: the issuer's 256 bytes.
    /// - Throws: `CryptoKitError` when it is no signature of the input.
    public func token(from blindSignature: [UInt8]) throws -> Token {
        Token(input: input, signature: try finish(blindSignature))
    }
}
