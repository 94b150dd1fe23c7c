import AnonymousTokens
@testable import Chorus
import Crypto
import Foundation

// What the cryptography of the anonymous path costs on one core. Prints figures and asserts nothing about time.

/// CPU time of this process, in seconds.
func processorTime() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// Runs something for two seconds of CPU time, five times, and prints the median.
///
/// - Parameters:
///   - name: what it is.
///   - count: how many operations one call does.
///   - body: the operations.
func measure(_ name: String, count: Int = 1, _ body: () throws -> Void) rethrows {
    var costs: [Double] = []
    for _ in 0..<5 {
        var done = 0
        let start = processorTime()
        repeat {
            try body()
            done += count
        } while processorTime() - start < 0.4
        costs.append((processorTime() - start) / Double(done))
    }
    let cost = costs.sorted()[2]
    let range = costs.map { $0 / cost }.sorted()
    print(
        String(
            format: "%@  %8.1f µs  %9.0f /s on one core  (%.2f…%.2f of the median)",
            name.padding(toLength: 52, withPad: " ", startingAt: 0),
            cost * 1e6,
            1 / cost,
            range[0],
            range[4]
        )
    )
}

/// A member's request and a submission, made as a client makes them.
struct Sample {
    let issuer: IssuerKey
    let key: IssuerPublicKey
    let context: TokenContext
    let blinded: [[UInt8]]
    let body: [UInt8]

    init() throws {
        issuer = try IssuerKey()
        let key = try issuer.publicKey
        self.key = key
        let network = UUID().uuidString.lowercased()
        let context = TokenContext(network: network, scope: network, epoch: "2026-W48")
        self.context = context
        let tokens = try (0..<3).map { _ in try key.blind(TokenInput(context: context, keyId: key.keyId)) }
        blinded = tokens.map(\.blinded)
        let token = try tokens[0].token(from: issuer.blindSign(tokens[0].blinded))
        let text = String(repeating: "Ich möchte etwas sagen. ", count: 20)
        let body = """
            {"v":1,"token":{"input":"\(Base64URL.encode(token.input.bytes))","signature":"\(Base64URL.encode(token.signature))"},\
            "receiptId":"\(Base64URL.encode([UInt8](repeating: 7, count: 32)))","message":{"channel":"\(network)","theme":null,\
            "unit":null,"showUnit":false,"rating":3,"text":"\(text)","language":"de"}}
            """
        self.body = FixedSize.padded(Array(body.utf8)) ?? []
    }
}

let sample = try Sample()
let sealing = SymmetricKey(size: .bits256)
let batch = SymmetricKey(size: .bits256)
let sealedKey = try SealedKey(sealingWith: sealing)
let modulus = sample.key.modulus
let network = UUID()

print(
    "Anonymous path, 2048 bit, a body of \(sample.body.count) bytes, \(ProcessInfo.processInfo.activeProcessorCount) cores"
)

try measure("blind signature") { _ = try sample.issuer.blindSign(sample.blinded[0]) }
try measure("token issue: open the sealed key, sign 3", count: 3) {
    let key = try SealedKey.open(sealedKey.sealedPrivate, keyId: sealedKey.keyId, with: sealing)
    for value in sample.blinded.indices {
        _ = try key.blindSign([UInt8](repeating: UInt8(value + 1), count: 256).withLeadingZero)
    }
}
try measure("submission: parse") { _ = try Fields.read(sample.body, as: Submission.self) }
let submission = try Fields.read(sample.body, as: Submission.self)
let token = submission.token
try measure("submission: verify") {
    let key = try IssuerPublicKey(modulus: modulus, exponent: IssuerPublicKey.exponent)
    guard token?.isValid(for: sample.context, under: key) == true else { throw CancellationError() }
}
try measure("submission: seal") {
    guard let token else { throw CancellationError() }
    let staged = try StagedSubmission(submission, token: token, network: network)
    _ = (staged.tag(batch), staged.receiptTag(batch), try staged.sealed(batch))
}
try measure("submission check: parse, verify, seal") {
    let submission = try Fields.read(sample.body, as: Submission.self)
    let key = try IssuerPublicKey(modulus: modulus, exponent: IssuerPublicKey.exponent)
    guard let token = submission.token, token.isValid(for: sample.context, under: key) else {
        throw CancellationError()
    }
    let staged = try StagedSubmission(submission, token: token, network: network)
    _ = (staged.tag(batch), staged.receiptTag(batch), try staged.sealed(batch))
}

extension [UInt8] {
    /// Below any modulus of the same size.
    fileprivate var withLeadingZero: [UInt8] { [0] + dropFirst() }
}
