import Foundation
import Testing

@testable import Chorus

/// Ids are read as they are written, and nothing else is one: Foundation takes blanks and signs for digits.
@Suite struct WireTests {
    @Test func anIdIsReadAsItIsWritten() {
        let alphabet = Array("0123456789abcdefABCDEFgG-: é/@`{+".utf8)
        for _ in 0..<2_000 {
            let id = UUID()
            #expect(UUID(utf8: id.uuidString.utf8) == id)
            #expect(UUID(utf8: id.text.utf8) == id)
            var bytes = Array(id.text.utf8)
            bytes[Int.random(in: 0..<36)] = alphabet.randomElement() ?? 0
            let text = String(decoding: bytes, as: UTF8.self)
            let read = UUID(utf8: bytes)
            #expect(read == nil || read == UUID(uuidString: text), "\(text)")
            #expect((read?.text == text.lowercased()) == (read != nil), "\(text)")
        }
    }

    @Test(arguments: ["-a", "+a", " a"]) func aSignOrABlankIsNoDigit(pair: String) {
        #expect(UUID(utf8: "\(pair)345678-1234-4234-8234-123456789abc".utf8) == nil)
    }

    @Test func whatIsShorterOrLongerIsNoId() {
        let text = UUID().text
        for length in 0..<36 { #expect(UUID(utf8: text.utf8.prefix(length)) == nil) }
        #expect(UUID(utf8: (text + "0").utf8) == nil)
    }
}
