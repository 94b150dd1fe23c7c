import Foundation
@testable import TestSupport
import Testing

@testable import Chorus

/// What the parsers make of texts that are nearly right; two hundred thousand of each with `TEST_LONG=1`, a few thousand without.
@Suite struct MutatedTextTests {
    private static let count = TestLength.isLong ? 200_000 : 4_000

    @Test func whatIsAcceptedAsJSONIsJSONAndIsReadTheSameAgain() throws {
        var mutation = Mutation(seed: 1)
        var accepted = 0
        for _ in 0..<Self.count {
            let bytes = mutation.of(
                #"{"title":"Grün \u00e4\ud83d\ude00","n":[0,-1.5e3,9223372036854775807],"a":{"b":[true,null,{}]},"x":""}"#
            )
            guard let value = try? JSONParser.parse(bytes) else { continue }
            accepted += 1
            #expect(
                (try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)) != nil,
                "Foundation reads no JSON in \(String(decoding: bytes, as: UTF8.self))"
            )
            #expect(try JSONParser.parse(Array(value.written.utf8)).written == value.written)
        }
        #expect((1..<Self.count).contains(accepted))
    }

    @Test func instantsThatAreAcceptedAreWrittenInTheSameDay() throws {
        var mutation = Mutation(seed: 2)
        var accepted = 0
        for _ in 0..<Self.count {
            let text = String(decoding: mutation.of("2026-11-25T03:04:05Z"), as: UTF8.self)
            guard let instant = RFC3339.date(text) else { continue }
            accepted += 1
            guard text.hasSuffix("Z"), !text.contains("."), !text.hasSuffix(":60Z"), !text.hasPrefix("0000") else {
                continue
            }
            #expect(RFC3339.string(instant) == text)
        }
        #expect((1..<Self.count).contains(accepted))
    }

    @Test func rulesOfRecurrenceEnd() throws {
        var mutation = Mutation(seed: 3)
        let start = try #require(RFC3339.date("2026-11-25T03:04:05Z"))
        var accepted = 0
        for index in 0..<Self.count / 10 {
            let sample = Self.rules[index % Self.rules.count]
            guard let rule = RecurrenceRule(String(decoding: mutation.of(sample), as: UTF8.self)) else { continue }
            accepted += 1
            let found = try? rule.occurrences(from: start, in: .gmt)
            #expect(found.map { $0.first == start && $0 == $0.sorted() } ?? true)
        }
        #expect(accepted > 0)
    }

    private static let rules = [
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE;COUNT=10", "FREQ=MONTHLY;BYDAY=-1FR;UNTIL=20271231T000000Z",
        "FREQ=DAILY;COUNT=3", "FREQ=MONTHLY;BYMONTHDAY=31;COUNT=4", "FREQ=YEARLY;COUNT=2",
    ]

    @Test func separatedValuesAreReadAsTheyWereWritten() {
        var mutation = Mutation(seed: 4)
        for _ in 0..<Self.count {
            let rows = CSV.rows(String(decoding: mutation.of("a,\"b\"\"c\",\"d\ne\"\r\n,f,g\n\"\",h"), as: UTF8.self))
            #expect(CSV.rows(CSV.text(rows)) == rows)
        }
    }
}

/// Texts with a few bytes damaged; the same seed gives the same ones.
private struct Mutation {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// SplitMix64 (Steele, Lea, Flood 2014).
    private mutating func next(_ limit: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ (mixed >> 31)) % UInt64(max(1, limit)))
    }

    mutating func of(_ text: String) -> [UInt8] {
        var bytes = Array(text.utf8)
        for _ in 0..<next(4) {
            let place = next(bytes.count + 1)
            switch next(5) {
            case 0: bytes.removeSubrange(place..<min(bytes.count, place + next(6)))
            case 1: bytes.insert(UInt8(next(256)), at: place)
            case 2: bytes.insert(contentsOf: Array(bytes[..<place].suffix(next(20))), at: place)
            case 3 where place < bytes.count: bytes[place] = UInt8(next(256))
            // A neighbour in ASCII: digits become other digits, and quotation marks become hashes.
            case 4 where place < bytes.count: bytes[place] ^= UInt8(1 << next(3))
            default: break
            }
        }
        return bytes
    }
}
