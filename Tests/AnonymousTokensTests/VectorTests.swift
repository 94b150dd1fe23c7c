import CryptoExtras
import Foundation
import Testing

/// T1 for this side: the vectors of RFC 9474, appendix A, in all variants (the web client's tests share the file).
@Suite struct VectorTests {
    private struct Vector: Decodable {
        let name: String
        let p, q, n, e, d: String
        let preparedMsg, blindedMsg, blindSig, sig: String

        private enum CodingKeys: String, CodingKey {
            case name, p, q, n, e, d, sig
            case preparedMsg = "prepared_msg"
            case blindedMsg = "blinded_msg"
            case blindSig = "blind_sig"
        }
    }

    private func bytes(_ hex: String) -> Data {
        let digits = Array(hex.utf8)
        return Data(stride(from: 0, to: digits.count, by: 2).map { UInt8(hex.dropFirst($0).prefix(2), radix: 16) ?? 0 })
    }

    private func vectors() throws -> [Vector] {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "../WebClient/Fixtures/rfc9474.json"
        )
        return try JSONDecoder().decode([Vector].self, from: Data(contentsOf: file))
    }

    @Test func t1TheVectorsOfTheStandardPassInEveryVariant() throws {
        let vectors = try vectors()
        #expect(Set(vectors.map(\.name)).count == 4)
        for vector in vectors {
            // The prepared message stands in the vector; whether it was prepared at random does not matter any more.
            let parameters =
                vector.name.contains("PSSZERO")
                ? _RSA.BlindSigning.Parameters.RSABSSA_SHA384_PSSZERO_Deterministic : .RSABSSA_SHA384_PSS_Deterministic
            let key = try _RSA.BlindSigning.PrivateKey(
                n: bytes(vector.n),
                e: bytes(vector.e),
                d: bytes(vector.d),
                p: bytes(vector.p),
                q: bytes(vector.q),
                parameters: parameters
            )
            let signed = try key.blindSignature(for: bytes(vector.blindedMsg))
            #expect(signed.rawRepresentation == bytes(vector.blindSig), "\(vector.name)")
            let message = key.publicKey.prepare(bytes(vector.preparedMsg))
            func isValid(_ signature: Data) -> Bool {
                key.publicKey.isValidSignature(.init(rawRepresentation: signature), for: message)
            }
            #expect(isValid(bytes(vector.sig)), "\(vector.name)")
            var tampered = bytes(vector.sig)
            tampered[100] ^= 1
            #expect(!isValid(tampered), "\(vector.name)")
        }
    }
}
