import AnonymousTokens
import Foundation

/// What somebody sends without saying who they are.
struct Submission: JSONInput {
    /// One of the three things that can be said.
    enum Content: Sendable, Equatable {
        case message(AnonymousMessage)
        case ballot(AnonymousBallot)
        case endorsement(AnonymousEndorsement)
    }

    let token: Token?
    let receiptId: [UInt8]
    let content: Content?

    private struct WireToken: JSONInput {
        let token: Token?

        init(_ fields: inout Fields) {
            let bytes = fields.bytes("input", count: TokenInput.size)
            let signature = fields.bytes("signature", count: Token.signatureSize)
            let input = TokenInput(bytes: bytes)
            if !bytes.isEmpty, input == nil { fields.refuse("input", "is no token input of type 2") }
            token = input.map { Token(input: $0, signature: signature) }
        }
    }

    init(_ fields: inout Fields) {
        if fields.integer("v", in: 1...1) != 1 { fields.refuse("v", "must be 1") }
        token = fields.object("token", as: WireToken.self)?.token
        receiptId = fields.bytes("receiptId", count: 32)
        let message = fields.optionalObject("message", as: AnonymousMessage.self)
        let ballot = fields.optionalObject("ballot", as: AnonymousBallot.self)
        let endorsement = fields.optionalObject("endorsement", as: AnonymousEndorsement.self)
        fields.ignorePadding()
        let given = ["message", "ballot", "endorsement"].filter { fields.contains($0) }
        if given.count != 1 { fields.refuse("", "must have exactly one of message, ballot and endorsement") }
        content =
            message.map(Content.message) ?? ballot.map(Content.ballot) ?? endorsement.map(Content.endorsement)
    }
}

/// A text for a channel.
struct AnonymousMessage: JSONInput, Codable, Equatable, Sendable {
    let channel: UUID
    let theme: UUID?
    let unit: UUID?
    let showUnit: Bool
    let rating: Int?
    let text: String
    let language: String

    init(_ fields: inout Fields) {
        channel = fields.uuid("channel")
        theme = fields.optionalUUID("theme")
        unit = fields.optionalUUID("unit")
        showUnit = fields.bool("showUnit")
        rating = fields.optionalInteger("rating", in: 1...5)
        text = fields.string("text", length: 1...10_000)
        language = fields.string("language", length: 2...35)
        if !Self.isLanguageTag(language), !language.isEmpty {
            fields.refuse("language", "must be a language tag (BCP 47)")
        }
    }

    /// Letters, then subtags of letters and digits; by hand, because a regular expression takes longer than all else that is parsed.
    private static func isLanguageTag(_ text: String) -> Bool {
        let subtags = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }
        return subtags.enumerated().allSatisfy { index, subtag in
            index == 0
                ? (2...8).contains(subtag.count) && subtag.allSatisfy(isLetter)
                : (1...8).contains(subtag.count) && subtag.allSatisfy { isLetter($0) || (0x30...0x39).contains($0) }
        }
    }
}

/// Answers to the items of a round.
struct AnonymousBallot: JSONInput, Codable, Equatable, Sendable {
    struct Answer: JSONInput, Codable, Equatable, Sendable {
        let item: UUID
        let rating: Int

        init(_ fields: inout Fields) {
            item = fields.uuid("item")
            rating = fields.integer("rating", in: 1...5)
        }
    }

    let round: UUID
    let unit: UUID?
    let answers: [Answer]

    init(_ fields: inout Fields) {
        round = fields.uuid("round")
        unit = fields.optionalUUID("unit")
        answers = fields.objects("answers", count: 1...1_000)
        if Set(answers.map(\.item)).count < answers.count { fields.refuse("answers", "has an item twice") }
    }
}

/// A voice for or against a recommendation.
struct AnonymousEndorsement: JSONInput, Codable, Equatable, Sendable {
    enum Support: String, CaseIterable, Codable, Sendable {
        case yes, no, abstain

        /// As a rating, so that support is released by the same rules as everything else.
        var rating: Int {
            switch self {
            case .yes: 5
            case .abstain: 3
            case .no: 1
            }
        }
    }

    let recommendation: UUID
    let support: Support

    init(_ fields: inout Fields) {
        recommendation = fields.uuid("recommendation")
        support = fields.choice("support", default: .abstain)
    }
}
