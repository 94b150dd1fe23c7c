import AnonymousTokens
import Testing

@Suite struct TokenTests {
    private let context = TokenContext(
        network: "11111111-2222-4333-8444-555555555555",
        scope: "11111111-2222-4333-8444-555555555555",
        epoch: "2026-W48"
    )

    @Test func aTokenIsIssuedBlindlyAndValidForItsContextOnly() throws {
        let issuer = try IssuerKey()
        let key = try issuer.publicKey
        let input = TokenInput(context: context, keyId: key.keyId)
        let blinded = try key.blind(input)
        #expect(blinded.blinded.count == 256)
        let token = try blinded.token(from: try issuer.blindSign(blinded.blinded))
        #expect(token.isValid(for: context, under: key))
        let other = TokenContext(network: context.network, scope: context.scope, epoch: "2026-W49")
        #expect(!token.isValid(for: other, under: key))
        let otherKey = try IssuerKey().publicKey
        #expect(!token.isValid(for: context, under: otherKey))
        for index in [0, 128, 255] {
            var signature = token.signature
            signature[index] ^= 1
            #expect(!Token(input: token.input, signature: signature).isValid(for: context, under: key))
        }
        let again = try IssuerKey(derRepresentation: issuer.derRepresentation)
        #expect(try again.publicKey.keyId == key.keyId)
    }

    @Test func t3AHostileAnswerIsRefusedByTheClient() throws {
        let issuer = try IssuerKey()
        let blinded = try issuer.publicKey.blind(TokenInput(context: context, keyId: issuer.publicKey.keyId))
        let random = (0..<256).map { _ in UInt8.random(in: 0...127) }
        #expect(throws: (any Error).self) { try blinded.token(from: random) }
        #expect(throws: (any Error).self) { try blinded.token(from: Array(random.dropLast())) }
        let stranger = try IssuerKey()
        #expect(throws: (any Error).self) {
            // Another key's signature; or no number below its modulus, which is refused just the same.
            try blinded.token(from: try stranger.blindSign(blinded.blinded))
        }
    }

    @Test func t3WeakKeysAreRefused() throws {
        let modulus = try IssuerKey().publicKey.modulus
        #expect(throws: IssuerPublicKey.Refusal.exponent) { try IssuerPublicKey(modulus: modulus, exponent: [3]) }
        #expect(throws: IssuerPublicKey.Refusal.size) {
            try IssuerPublicKey(modulus: Array(modulus.prefix(128)), exponent: [1, 0, 1])
        }
        #expect(throws: IssuerPublicKey.Refusal.size) {
            try IssuerPublicKey(modulus: [0] + modulus.dropLast(), exponent: [1, 0, 1])
        }
        var even = modulus
        even[255] &= 0xFE
        #expect(throws: IssuerPublicKey.Refusal.evenModulus) {
            try IssuerPublicKey(modulus: even, exponent: [1, 0, 1])
        }
    }

    @Test func anInputHasItsLayout() throws {
        let input = TokenInput(context: context, keyId: [UInt8](repeating: 7, count: 32))
        #expect(input.bytes.count == 98)
        #expect(Array(input.bytes.prefix(2)) == [0, 2])
        #expect(input.contextDigest == context.digest)
        #expect(input.keyId == [UInt8](repeating: 7, count: 32))
        #expect(TokenInput(bytes: input.bytes) == input)
        #expect(TokenInput(bytes: Array(input.bytes.dropLast())) == nil)
        #expect(TokenInput(bytes: [0, 1] + input.bytes.dropFirst(2)) == nil)
        #expect(input.nullifier != TokenInput(context: context, keyId: input.keyId).nullifier)
    }

    @Test func canonicalJSONSortsAndEscapesAsRFC8785() {
        let value = CanonicalJSON.object([
            "b": .integer(-3), "a": .array([.bool(true), .null]), "ä": .string("\"\\\n\u{01}é"), "": .object([:]),
        ])
        #expect(value.text == #"{"":{},"a":[true,null],"b":-3,"ä":"\"\\\n\u0001é"}"#)
    }

    @Test func base64URLIsStrict() {
        for count in 0..<40 {
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255) }
            #expect(Base64URL.decode(Base64URL.encode(bytes)) == bytes)
        }
        for text in ["A", "AA==", "AB", "A+", "A/", "AAA A", "ÄÄ"] { #expect(Base64URL.decode(text) == nil, "\(text)") }
        #expect(Base64URL.encode([0xFB, 0xFF]) == "-_8")
    }
}
