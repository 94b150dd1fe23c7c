import Testing

@testable import AnonymousTokens

/// T7, for this side; that every token fits every blinded value is computed in `Tests/WebClient/blindness.test.mjs`.
@Suite struct BlindnessTests {
    @Test func t7BlindedValuesOfOneInputAreNotAlikeAndNoneIsTheOthersSignature() throws {
        let issuer = try IssuerKey()
        let key = try issuer.publicKey
        let input = TokenInput(context: TokenContext(network: "n", scope: "s", epoch: "e"), keyId: key.keyId)
        let blinded = try (0..<50).map { _ in try key.blind(input) }
        #expect(Set(blinded.map(\.blinded)).count == 50)
        // What the issuer saw and signed of one is no signature of what is shown later, whoever's it is.
        for value in blinded.prefix(5) {
            let seen = try issuer.blindSign(value.blinded)
            #expect(!key.isSignature(seen, of: input.bytes))
            #expect(try value.token(from: seen).signature != seen)
        }
    }
}
