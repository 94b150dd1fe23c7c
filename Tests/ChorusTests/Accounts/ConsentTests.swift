import Crypto
import Foundation
@testable import TestSupport
import Testing

@testable import Chorus

/// What people agree to is served with its version, and nobody's consent is made up.
@Suite struct ConsentTests {
    @Test func eachVersionOfEachTextIsThereInThreeLanguages() async throws {
        let texts = ConsentTexts.embedded
        for purpose in ConsentPurpose.allCases {
            #expect(!texts.versions(of: purpose).isEmpty)
            for version in texts.versions(of: purpose) {
                let points = Language.allCases.map { texts.text(of: purpose, version: version, in: $0)?.points ?? [] }
                #expect(Set(points.map(\.count)).count == 1 && points[0].count >= 3, "\(purpose) \(version)")
                #expect(Set(points).count == 3, "three languages, not one three times")
            }
        }
        // A file that is in no table would be a text that nobody reads.
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../Sources/CWebClient/consents")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        let named = texts.all.map { "\($0.purpose.rawValue).\($0.version).\($0.language.rawValue).txt" }
        #expect(files.sorted() == named.sorted())
    }

    /// Whoever has agreed to a text has agreed to these words; a change is a new version, beside this one.
    @Test func aTextThatPeopleHaveAgreedToIsNeverChanged() throws {
        let digests = Dictionary(
            uniqueKeysWithValues: ConsentTexts.embedded.all.map { text in
                let words = text.points.joined(separator: "\n")
                let digest = Array(SHA256.hash(data: Array(words.utf8)).prefix(8)).hex
                return ("\(text.purpose.rawValue).\(text.version).\(text.language.rawValue)", digest)
            }
        )
        for (name, digest) in Self.agreed { #expect(digests[name] == digest, "\(name) is \(digests[name] ?? "gone")") }
        #expect(Set(digests.keys) == Set(Self.agreed.keys), "a new version is entered here")
    }

    private static let agreed = [
        "mail.2026-11.de-simple": "e6b7160bae610fce",
        "mail.2026-11.de": "92c33034340c09eb",
        "mail.2026-11.en": "6302af613c6e0243",
        "membership.2026-11.de-simple": "3bddaea7859aeb5d",
        "membership.2026-11.de": "5c7c11c28b21b094",
        "membership.2026-11.en": "992226058e576963",
    ]

    @Test func theTextIsReadWithoutSignInInTheReadersLanguage() async throws {
        try await withServer { server in
            let path = "/v1/consent-texts/membership"
            let german = try await server.send("GET", path)
            #expect(german.status == 200 && german.json["language"].string == "de")
            #expect(german.json["isInForce"] == .bool(true) && german.json["points"].array.count == 5)
            let version = german.json["version"].string
            #expect(german.json["versions"].array.last == .string(version))
            let english = try await server.send("GET", path, headers: ["Accept-Language": "en"])
            #expect(english.json["points"][0].string.hasPrefix("What for:"))
            let plain = try await server.send("GET", "\(path)?language=de-simple&version=\(version)")
            #expect(plain.json["language"].string == "de-simple" && plain.headers["content-language"] == "de-simple")
            #expect(try await server.send("GET", "\(path)?version=1999").status == 404)
            #expect(try await server.send("GET", "/v1/consent-texts/other").status == 404)
            let again = try await server.send("GET", path, headers: ["If-None-Match": german.headers["etag"] ?? ""])
            #expect(again.status == 304)
        }
    }

    @Test func aNewVersionAsksAgainAndAnEarlierOneIsNotAgreedTo() async throws {
        func text(_ version: String) -> [ConsentText] {
            Language.allCases.map { ConsentText(purpose: .mail, version: version, language: $0, points: ["a"]) }
        }
        let texts = ConsentTexts(all: text("1") + text("2"))
        #expect(texts.versionInForce(of: .mail) == "2")
        #expect(texts.text(of: .mail, version: "1", in: .en) != nil, "kept for those who agreed to it")
        #expect(throws: Problem(.consentOutdated)) { try texts.requireInForce("1", of: .mail, "/textVersion") }
        #expect(throws: Problem.self) { try texts.requireInForce("3", of: .mail, "/textVersion") }
        try await withServer { server in
            let member = try await server.person(.member)
            let path = "/v1/me/consents/mail"
            let unknown = try await server.send("PUT", path, "{\"textVersion\":\"1999\"}", as: member)
            #expect(unknown.pointers == ["/textVersion"])
            let given = try await server.send("PUT", path, "{\"textVersion\":\"2026-11\"}", as: member)
            #expect(given.json["state"].string == "given")
            // As if given before the text of today.
            try await server.run("UPDATE consent SET text_version = '2026-01'", on: .private)
            let old = try await server.send("GET", path, as: member).json
            #expect(old["state"].string == "outdated" && old["textVersion"].string == "2026-01")
            let export = try await server.send("GET", "/v1/me/export", as: member).json["consents"]
            #expect(export[0]["state"].string == "outdated")
            #expect(try await server.send("DELETE", path, as: member).status == 204)
            #expect(try await server.send("GET", path, as: member).json["state"].string == "withdrawn")
        }
    }

    @Test func nobodysConsentIsMadeUp() async throws {
        try await withServer { server in
            let coordinator = try await server.person(.member, .coordinator)
            let roster = "email,displayName,unit,locale\nada@example.org,Ada,,de\n"
            let tokens = CSV.rows(try await server.server.importRoster(roster, network: server.network.id.text))
            let imported = TestPerson(account: UUID(), membership: UUID(), token: tokens[1][1])
            #expect(
                try await server.send("GET", "/v1/me/consents/membership", as: imported).status == 404,
                "of a roster"
            )

            let body = "{\"count\":2,\"expiresOn\":\"\(PostgresDateText.inAMonth)\"}"
            let codes = try await server.send("POST", "\(server.home)/invitations", body, as: coordinator).json["codes"]
            func join(_ number: Int, _ email: String, _ consent: String) async throws -> TestReply {
                let account =
                    "{\"invitation\":\"\(codes[number].string)\",\"email\":\"\(email)\",\"password\":\"\(TestSignIn.password)\""
                    + ",\"displayName\":\"Ada\",\"locale\":\"de\"\(consent)}"
                return try await server.send("POST", "/v1/accounts", account)
            }
            #expect(try await join(0, "b@example.org", ",\"consent\":\"1999\"").pointers == ["/consent"])
            #expect(
                try await join(0, "b@example.org", ",\"consent\":\"2026-11\"").status == 201,
                "the code is good still"
            )
            #expect(try await join(1, "c@example.org", "").status == 201)
            let given = try await server.texts(
                "SELECT a.email || ' ' || c.text_version FROM consent c JOIN account a ON a.id = c.account_id"
            )
            #expect(given == ["b@example.org 2026-11"])

            let stranger = try await server.person(roles: [])
            let asked = try await server.send("POST", "\(server.home)/join-requests", "{}", as: stranger)
            let decision = "\(server.home)/join-requests/\(asked.json["id"].string)/decision"
            let approved = try await server.send("PUT", decision, "{\"decision\":\"approved\"}", as: coordinator)
            #expect(approved.status == 200)
            let consent = try await server.send("GET", "/v1/me/consents/membership", as: stranger)
            #expect(consent.status == 404, "a coordinator's yes is not theirs")
        }
    }
}
