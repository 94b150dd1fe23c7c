import Crypto
import Foundation
import Postgres
import Testing

@testable import Chorus

/// What a mail is made of, without a database and without a mail program.
@Suite struct MailMessageTests {
    private func message(_ text: String = "Grüße", unsubscribe: String? = "https://chorus.example/v1/unsubscribe/x")
        throws
        -> MailMessage
    {
        MailMessage(
            from: try #require(Mailbox("post@chorus.example")),
            to: try #require(MailAddress("ada@example.org")),
            subject: "Es gibt Neuigkeiten",
            language: .de,
            text: text,
            date: Date(timeIntervalSince1970: 1_795_424_405),
            messageId: "abc",
            unsubscribe: unsubscribe
        )
    }

    private func parts(_ message: MailMessage) -> (headers: [String], body: String) {
        let text = String(decoding: message.bytes, as: UTF8.self)
        let parts = text.components(separatedBy: "\n\n")
        return (parts[0].components(separatedBy: "\n"), parts.dropFirst().joined(separator: "\n\n"))
    }

    @Test func theHeadersAreThoseThatItNeedsAndNoMore() throws {
        let headers = parts(try message()).headers
        #expect(
            headers == [
                "From: Chorus <post@chorus.example>", "To: ada@example.org", "Subject: Es gibt Neuigkeiten",
                "Date: Mon, 23 Nov 2026 09:00:05 +0000", "Message-ID: <abc@chorus.example>", "MIME-Version: 1.0",
                "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: quoted-printable",
                "Content-Language: de", "Auto-Submitted: auto-generated", "X-Auto-Response-Suppress: All",
                "Precedence: bulk", "List-Unsubscribe: <https://chorus.example/v1/unsubscribe/x>",
                "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
            ]
        )
        #expect(!parts(try message(unsubscribe: nil)).headers.contains { $0.hasPrefix("List-") })
    }

    @Test func addressesThatCouldBeMoreThanAnAddressAreNone() {
        for text in [
            "a@b\nBcc: c@d", "a@b\r\n\r\nHallo", "a@b ", " a@b", "-f@b", "a b@c", "\"a\"@b", "a@b>", "<a@b", "a,b@c",
            "a;b@c",
            "a@b@c", "@b", "a@", "a..b@c", ".a@b", "a.@b", "a@b..c", "a@-b", "a@b-", "ä@b.de", "a@bü.de", "a@b\0",
            "a(b)@c",
            "a@[127.0.0.1]", "", String(repeating: "a", count: 65) + "@b.de",
            "a@" + String(repeating: "b.", count: 140) + "de",
        ] { #expect(MailAddress(text) == nil, "\(text.debugDescription)") }
        for text in ["a@b", "ada.lovelace+x@stadt-muster.example", "o'neil@x.org", "A_1@B2.org"] {
            #expect(MailAddress(text)?.text == text)
        }
    }

    @Test func aNameInFromCannotBecomeAHeader() throws {
        #expect(Mailbox("Chorus\nBcc: x@y.z <a@b.de>") == nil)
        #expect(Mailbox("Chorus <a@b.de>, <c@d.de>") == nil)
        #expect(Mailbox("<a@b.de>") == nil)
        let umlaut = try #require(Mailbox("Grüne Post <a@b.de>"))
        #expect(umlaut.header == "=?utf-8?B?R3LDvG5lIFBvc3Q=?= <a@b.de>")
        let sly = try #require(Mailbox("a\" x, y <a@b.de>"))
        #expect(sly.header.hasPrefix("=?utf-8?B?"))
    }

    @Test func theTextIsEncodedSoThatEveryLineIsShortAndAscii() throws {
        let text = "Äußerst lange Zeile: " + String(repeating: "ü=", count: 400) + "\n.\nFrom hier\nEnde "
        let body = parts(try message(text)).body
        #expect(body.utf8.allSatisfy { $0 < 0x7F })
        #expect(body.components(separatedBy: "\n").allSatisfy { $0.count <= 76 })
        let joined = body.replacing("=\n", with: "")
        var bytes: [UInt8] = []
        var rest = Array(joined.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "=") {
                let code = String(decoding: rest.prefix(2), as: UTF8.self)
                bytes.append(try #require(UInt8(code, radix: 16)))
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        #expect(String(decoding: bytes, as: UTF8.self) == text + "\n")
        #expect(joined.contains("Ende=20"), "white space at the end of a line would be lost")
    }

    @Test func mailOfALanguageLooksTheSameWhateverItIsFor() {
        var sizes: Set<Int> = []
        for language in Language.allCases {
            let (subject, text) = MailTexts.news(in: language, address: "URL", shortCode: "CODE", unsubscribe: "END")
            #expect(subject.utf8.allSatisfy { (0x20...0x7E).contains($0) }, "needs no encoding")
            #expect(text.contains("URL") && text.contains("CODE") && text.contains("END"))
            sizes.insert(text.components(separatedBy: "\n\n").count)
            for word in ["Migration", "migration", "Nachricht eingegangen", "Empfehlung", "Veranstaltung", "event"] {
                #expect(!(subject + text).contains(word), "\(word)")
            }
        }
        #expect(sizes.count == 1, "the same parts in every language")
    }

    @Test func aReminderNamesWhatIsPublishedAndATitleIsNoHeader() throws {
        let due = PostgresDate(year: 2026, month: 12, day: 1)
        let owed = MailTexts.Owed(number: 7, title: "Rampe\nBcc: x@y.z", dueOn: due)
        for step in ReminderStep.allCases {
            for language in Language.allCases {
                let (subject, text) = MailTexts.reminder(step, of: owed, in: language, address: "https://c.example")
                #expect(subject.contains("7") && !subject.contains("\n") && !subject.contains("Rampe"))
                #expect(text.contains("Rampe") && text.contains("2026-12-01"))
            }
        }
    }

    @Test func theAddressThatEndsMailNamesNobodyAndCannotBeMade() throws {
        let (key, other) = (SymmetricKey(size: .bits256), SymmetricKey(size: .bits256))
        let account = UUID()
        let (first, second) = (
            try UnsubscribeToken.seal(account, with: key), try UnsubscribeToken.seal(account, with: key)
        )
        #expect(first != second && first.count == 59 && second.count == 59)
        #expect(UnsubscribeToken.open(first, with: key) == account)
        #expect(UnsubscribeToken.open(second, with: key) == account)
        #expect(UnsubscribeToken.open(first, with: other) == nil)
        let changed = first.dropLast() + (first.hasSuffix("A") ? "Q" : "A")
        for text in [String(changed), "", account.text, String(first.dropLast(4)), first + "AAAA"] {
            #expect(UnsubscribeToken.open(text, with: key) == nil)
        }
    }

    @Test func whatTheMailProgramSaysDecidesWhetherItIsTriedAgain() {
        #expect(Sendmail.Outcome(status: 0) == .taken)
        for code: Int32 in [65, 67, 68] { #expect(Sendmail.Outcome(status: code << 8) == .refused) }
        for code: Int32 in [1, 64, 69, 70, 71, 74, 75, 78] { #expect(Sendmail.Outcome(status: code << 8) == .putOff) }
        #expect(Sendmail.Outcome(status: 9) == .putOff, "killed")
        #expect(Sendmail.Outcome(status: -1) == .putOff, "not started")
    }
}
