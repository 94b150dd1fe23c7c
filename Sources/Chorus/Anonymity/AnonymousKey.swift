import AnonymousTokens
import Crypto
import Foundation
import Postgres

/// What tokens of a key may be spent on.
enum ScopeKind: String, CaseIterable, Sendable {
    case message, ballot, endorsement
}

/// The public side of a signing key, with how it may be used.
struct AnonymousKey: Sendable {
    let keyId: [UInt8]
    let scope: UUID
    let kind: ScopeKind
    let epoch: String
    let modulus: [UInt8]
    let tokensPerMember: Int
    let minSet: Int
    let granted: Int
    let issueFrom: PostgresDate
    let issueTo: PostgresDate
    let redeemTo: PostgresDate
    let isClosed: Bool
    /// The version of the directory that it came with.
    let directorySeq: Int

    func context(in network: UUID) -> TokenContext {
        TokenContext(network: network.text, scope: scope.text, epoch: epoch)
    }

    func isIssued(on day: PostgresDate) -> Bool { !isClosed && (issueFrom...issueTo).contains(day) }
    func isRedeemable(on day: PostgresDate) -> Bool { !isClosed && (issueFrom...redeemTo).contains(day) }
}

/// A week of ISO 8601: the epoch of message keys.
struct Epoch: Equatable, Sendable {
    let monday: PostgresDate

    init(containing day: PostgresDate) {
        monday = day.adding(days: 1 - day.isoWeekday)
    }

    var next: Epoch { Epoch(containing: monday.adding(days: 7)) }
    var sunday: PostgresDate { monday.adding(days: 6) }

    /// Such as `2026-W48`: the year is that of the week's Thursday.
    var name: String {
        let thursday = monday.adding(days: 3)
        let week = (thursday.daysSince2000 - PostgresDate(year: thursday.year, month: 1, day: 1).daysSince2000) / 7 + 1
        return "\(thursday.year)-W\(week < 10 ? "0" : "")\(week)"
    }
}

/// A scope whose key is to be opened.
struct NewKey: Sendable {
    let scope: UUID
    let kind: ScopeKind
    let tokensPerMember: Int
    let minSet: Int
    let epoch: String
    let issueFrom: PostgresDate
    let issueTo: PostgresDate
    let redeemTo: PostgresDate
    /// Only these may have tokens; `nil` for everybody inside the network.
    var audience: [UUID]?
}

/// A freshly made key pair with its private part sealed.
struct SealedKey: Sendable {
    let keyId: [UInt8]
    let modulus: [UInt8]
    let sealedPrivate: [UInt8]

    /// Takes tens of milliseconds; not on an event loop.
    init(sealingWith sealing: SymmetricKey) throws {
        let key = try IssuerKey()
        let publicKey = try key.publicKey
        keyId = publicKey.keyId
        modulus = publicKey.modulus
        let box = try AES.GCM.seal(key.derRepresentation, using: sealing, authenticating: publicKey.keyId)
        sealedPrivate = Array(box.combined ?? Data())
    }

    static func open(_ sealed: [UInt8], keyId: [UInt8], with sealing: SymmetricKey) throws -> IssuerKey {
        let der = try AES.GCM.open(AES.GCM.SealedBox(combined: sealed), using: sealing, authenticating: keyId)
        return try IssuerKey(derRepresentation: Array(der))
    }
}

extension [UInt8] {
    /// Lower-case hexadecimal digits.
    var hex: String { map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }

    init?(hex text: String) {
        let digits = Array<UInt8>(text.utf8)
        guard digits.count.isMultiple(of: 2) else { return nil }
        self = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            let pair = String(decoding: digits[index..<index + 2], as: UTF8.self)
            guard pair == pair.lowercased(), let byte = UInt8(pair, radix: 16), pair.first != "+" else { return nil }
            append(byte)
        }
    }
}
