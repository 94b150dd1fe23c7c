import Foundation
import Postgres
@testable import TestSupport
import Testing

@testable import Chorus

/// The preview of the weekly mail.
@Suite struct DigestTests {
    @Test func aCoordinatorReadsWhatTheMailWillSayAndNothingOfAnybody() async throws {
        let clock = TestClock()
        try await withServer(now: clock.now, configure: { $0.publicURL = "https://chorus.example" }) { server in
            let coordinator = try await server.person(.member, .coordinator)
            let path = "\(server.home)/digest"
            var subjects: Set<String> = []
            for language in Language.allCases {
                let headers = ["Accept-Language": language.rawValue]
                let shown = try await server.send("GET", path, as: coordinator, headers: headers)
                #expect(shown.status == 200, "\(shown.text)")
                #expect(shown.json.names == ["language", "subject", "text", "shortCode", "nextOn", "isMailed"])
                #expect(shown.json["language"].string == language.rawValue)
                #expect(shown.json["isMailed"] == .bool(false), "nobody has set who it is from")
                let (text, code) = (shown.json["text"].string, shown.json["shortCode"].string)
                let current = try await server.parts.shortCode(of: server.network.id)
                #expect(code == current)
                #expect(text.contains(code) && text.contains("https://chorus.example"))
                // The very text that is mailed, but for the address that ends one reader's mail.
                let mailed = MailTexts.news(
                    in: language,
                    address: "https://chorus.example",
                    shortCode: code,
                    unsubscribe: "https://chorus.example/v1/unsubscribe/…"
                )
                #expect(shown.json["subject"].string == mailed.subject && text == mailed.text)
                #expect(text.matches(of: /unsubscribe\/[A-Za-z0-9_-]/).isEmpty, "nobody's own address")
                subjects.insert(mailed.subject)
            }
            #expect(subjects.count == 3)
            // A Tuesday within the coming week, and the one of the mail's own clock.
            var seen: Set<String> = []
            for _ in 0..<8 {
                let shown = try await server.send("GET", path, as: coordinator)
                let day = try #require(PostgresDate(shown.json["nextOn"].string))
                let today = PostgresDate.today(in: server.network.zone, at: clock.now())
                #expect((today...today.adding(days: 7)).contains(day), "\(day)")
                seen.insert(day.description)
                clock.pass(days: 1)
            }
            #expect(seen.count == 2, "\(seen)")
        }
    }

    @Test func nobodyElseReadsIt() async throws {
        try await withServer { server in
            let statuses: [(roles: [Role], status: Int)] = [
                ([.member], 403), ([.member, .organiser], 403), ([.member, .moderator], 403), ([.hr], 403),
                ([.council], 403), ([], 404), ([.member, .coordinator], 200),
            ]
            for (roles, status) in statuses {
                let reply = try await server.send(
                    "GET",
                    "\(server.home)/digest",
                    as: try await server.person(roles: roles)
                )
                #expect(reply.status == status, "\(roles)")
            }
        }
    }
}
