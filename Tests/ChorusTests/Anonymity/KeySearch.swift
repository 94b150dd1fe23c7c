import Crypto
import Foundation
@testable import TestSupport
import Testing

@testable import Chorus

/// Tries whatever lies on a disk as the key of sealed rows of one batch.
struct KeySearch {
    /// The rows, as the inbox has them.
    let rows: [[UInt8]]
    /// The batch, of whose id a key could be made with a secret that stays.
    let batch: UUID
    /// How many keys were tried.
    private(set) var tried = 0
    /// How many bytes were looked at.
    private(set) var bytes = 0
    /// What they hold, by the place of the row.
    private(set) var opened: [Int: StagedSubmission] = [:]
    /// Contents that were looked at: a copy tells nothing new.
    private var known: Set<SHA256Digest> = []
    private let nonce: AES.GCM.Nonce

    init(rows: [[UInt8]], batch: UUID) throws {
        self.rows = rows
        self.batch = batch
        nonce = try AES.GCM.Nonce(data: rows[0].prefix(12))
    }

    /// Tries all that a file could hold.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - step: how far one window of 32 bytes lies from the next.
    ///   - derives: whether keys are made of its values, too.
    mutating func search(_ path: String, step: Int, derives: Bool) {
        guard let content = FileManager.default.contents(atPath: path), content.count >= 32 else { return }
        guard known.insert(SHA256.hash(data: content)).inserted else { return }
        bytes += content.count
        content.withUnsafeBytes { all in
            for place in stride(from: 0, through: all.count - 32, by: step) {
                let window = UnsafeRawBufferPointer(rebasing: all[place..<place + 32])
                if Self.couldBeKey(window) { test(SymmetricKey(data: window)) }
            }
        }
        guard derives else { return }
        let values = Self.decoded(content) + (content.count == 32 ? [Array(content)] : [])
        for value in values { test(SymmetricKey(data: value)) }
        for value in values + [Array(content), Array(path.utf8)] { tryDerived(from: value) }
    }

    /// What a program could make of a secret and of what stands beside the rows.
    private mutating func tryDerived(from value: [UInt8]) {
        let ids = [Array(batch.text.utf8), withUnsafeBytes(of: batch.uuid) { Array($0) }, Array(nonce)]
        let key = SymmetricKey(data: value)
        test(SymmetricKey(data: SHA256.hash(data: value)))
        for id in ids + [[]] {
            test(SymmetricKey(data: HMAC<SHA256>.authenticationCode(for: id, using: key)))
            test(SymmetricKey(data: HMAC<SHA256>.authenticationCode(for: value, using: SymmetricKey(data: id + [0]))))
            test(SymmetricKey(data: SHA256.hash(data: value + id)))
            test(SymmetricKey(data: SHA256.hash(data: id + value)))
            test(HKDF<SHA256>.deriveKey(inputKeyMaterial: key, info: id, outputByteCount: 32))
            test(HKDF<SHA256>.deriveKey(inputKeyMaterial: key, salt: id, outputByteCount: 32))
        }
    }

    /// One block of the key stream tells whether the first row begins as JSON does; only then it is worth opening them all.
    private mutating func test(_ key: SymmetricKey) {
        tried += 1
        guard let stream = try? AES.GCM.seal(Self.zeros, using: key, nonce: nonce).ciphertext else { return }
        guard stream[stream.startIndex] ^ rows[0][12] == UInt8(ascii: "{") else { return }
        for (index, row) in rows.enumerated() {
            if let submission = try? StagedSubmission.open(row, key) { opened[index] = submission }
        }
    }

    private static let zeros = Data(count: 1)

    /// False for texts, small numbers and what repeats itself, as they fill most of PostgreSQL's pages: for a random key true but
    /// in one case of 10⁷.
    private static func couldBeKey(_ window: UnsafeRawBufferPointer) -> Bool {
        var high: UInt64 = 0
        for place in stride(from: 0, to: 32, by: 8) {
            let word = window.loadUnaligned(fromByteOffset: place, as: UInt64.self)
            if word & 0xFFFF_FFFF == 0 || word >> 32 == 0 { return false }
            high |= word
        }
        guard high & 0x8080_8080_8080_8080 != 0 else { return false }
        var seen: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        for byte in window {
            let bit: UInt64 = 1 &<< UInt64(byte & 63)
            switch byte >> 6 {
            case 0: seen.0 |= bit
            case 1: seen.1 |= bit
            case 2: seen.2 |= bit
            default: seen.3 |= bit
            }
        }
        let distinct = seen.0.nonzeroBitCount + seen.1.nonzeroBitCount + seen.2.nonzeroBitCount + seen.3.nonzeroBitCount
        return distinct >= 20
    }

    /// Values of 32 bytes that are written as hexadecimal digits or in base64.
    private static func decoded(_ content: Data) -> [[UInt8]] {
        let words = content.split { byte in
            !(0x30...0x39).contains(byte) && !(0x61...0x7A).contains(byte | 0x20)
                && ![0x2B, 0x2D, 0x2F, 0x5F].contains(byte)
        }
        return words.flatMap { word -> [[UInt8]] in
            let text = String(decoding: word, as: UTF8.self)
            if text.count == 64 { return [UInt8](hex: text.lowercased()).map { [$0] } ?? [] }
            guard text.count == 43 else { return [] }
            let standard = text.replacing("-", with: "+").replacing("_", with: "/") + "="
            return Data(base64Encoded: standard).map { [Array($0)] } ?? []
        }.filter { $0.count == 32 }
    }
}

@Suite struct KeySearchTests {
    /// What nothing leads to is not found; what does is, however it is hidden.
    @Test func aKeyIsFoundHoweverItIsWritten() throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "keys-\(UUID().text)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let (batch, secret) = (UUID(), SymmetricKey(size: .bits256).withUnsafeBytes { Array($0) })
        let derived = HMAC<SHA256>.authenticationCode(for: Array(batch.text.utf8), using: SymmetricKey(data: secret))
        let staged = StagedSubmission(network: UUID(), keyId: [], nullifier: [1], digest: [], receiptId: [2])
        let noise = (0..<1_001).map { _ in UInt8.random(in: 0...255) }
        let writings: [(String, Data, isFound: Bool)] = [
            ("alone", Data(secret), true), ("within", Data(noise + secret + noise), true),
            ("hex", Data("key = \(secret.hex)\n".utf8), true),
            ("base64", Data("key: \"\(Data(secret).base64EncodedString())\"".utf8), true),
            ("nothing", Data(noise + noise), false),
        ]
        for (name, content, isFound) in writings {
            let file = directory.appending(path: name)
            try content.write(to: file)
            for key in [SymmetricKey(data: secret), SymmetricKey(data: Array(derived))] {
                var search = try KeySearch(rows: [try staged.sealed(key)], batch: batch)
                search.search(file.path(percentEncoded: false), step: 1, derives: true)
                let isWithin = name == "within" && key != SymmetricKey(data: secret)
                #expect(search.opened.count == (isFound && !isWithin ? 1 : 0), "\(name)")
            }
        }
    }
}
