import AnonymousTokens
import Crypto
import Disclosure
import Foundation
import Postgres

/// The kinds of entries of the audit chain.
enum AuditKind: String, CaseIterable, Sendable {
    case release, thresholds, roles, publication, answer, export, reset, provider
}

/// Something that the audit chain tells of: an entry can be made from nothing else.
///
/// What is entered are ids of things, numbers, days and digests. It names no account and no membership, because the chain is never
/// shortened and its readers are not to learn who is in the network, and it has no text, because digests of published texts suffice.
enum AuditEvent: Sendable {
    /// Numbers were frozen for the record.
    case release(FrozenRelease, number: Int, cells: [FrozenCell])
    /// Disclosure thresholds were set for a new network (`before` is `nil`) or raised, or the record was shown to everybody or to nobody
    /// else any more.
    case thresholds(before: Network?, after: Network)
    /// Somebody's roles beyond plain membership changed.
    case roles(before: Set<Role>, after: Set<Role>)
    /// A draft became a numbered, frozen recommendation, or a later text of one.
    case publication(Draft)
    /// The employer answered.
    case answer(RecordedAnswer)
    /// Recommendations were taken away as a file.
    case export(rows: Int, by: Role)
    /// Somebody was let in again without their password.
    case reset(ResetStep)
    /// Where members may sign in was set up (`before` is `nil`), changed, or taken away (`after` is `nil`).
    case provider(before: Provider?, after: Provider?)

    /// What happened to a password; whose it was is said nowhere.
    enum ResetStep: String, CaseIterable, Sendable {
        /// A coordinator was given a code.
        case made
        /// Somebody has set a password with a code.
        case used
        /// An operator has set a password.
        case `operator`
    }

    /// Which kind of entry it makes.
    var kind: AuditKind {
        switch self {
        case .release: .release
        case .thresholds: .thresholds
        case .roles: .roles
        case .publication: .publication
        case .answer: .answer
        case .export: .export
        case .reset: .reset
        case .provider: .provider
        }
    }

    /// What the entry holds.
    var content: CanonicalJSON {
        switch self {
        case .release(let release, let number, let cells): Self.content(of: release, number, cells)
        case .thresholds(let before, let after):
            .object(["before": before.map(Self.numbers(of:)) ?? .null, "after": Self.numbers(of: after)])
        case .roles(let before, let after): .object(["before": Self.names(before), "after": Self.names(after)])
        case .publication(let draft): Self.content(of: draft)
        case .answer(let answer): answer.content
        case .export(let rows, let role):
            .object(["of": .string("recommendations"), "rows": .integer(rows), "by": .string(role.rawValue)])
        case .reset(let step): .object(["of": .string("password"), "step": .string(step.rawValue)])
        case .provider(let before, let after):
            .object(["before": before.map(Self.what) ?? .null, "after": after.map(Self.what) ?? .null])
        }
    }

    private static func content(of release: FrozenRelease, _ number: Int, _ cells: [FrozenCell]) -> CanonicalJSON {
        // Support of a recommendation is no numbered release.
        let shownNumber: CanonicalJSON = release.isEndorsement ? .null : .integer(number)
        return .object([
            "release": .string(release.id.text),
            "number": shownNumber,
            "of": .string(release.isEndorsement ? "support" : release.kind.rawValue),
            "source": .string(release.round.text),
            "closedOn": .string(release.closedOn.description),
            "scheme": .string(release.scheme.rawValue),
            "k": .integer(release.k),
            "cells": .string(digest(of: cells)),
        ])
    }

    /// Of what the record shows, and of nothing else: who knows all but one of the numbers could find the last one by trying.
    private static func digest(of cells: [FrozenCell]) -> String {
        let shown = cells.compactMap { cell -> CanonicalJSON? in
            guard let numbers = cell.cell else { return nil }
            let shares = [numbers.negative, numbers.neutral, numbers.positive].map(CanonicalJSON.integer)
            let noise = cell.noise.map { [$0.negative, $0.neutral, $0.positive, $0.error] } ?? []
            return .object([
                "item": CanonicalJSON(text: cell.item.text),
                "unit": CanonicalJSON(text: cell.unit.text),
                "atLeast": .integer(numbers.atLeast),
                "shares": .array(shares),
                "meanTenths": .integer(numbers.meanTenths),
                "noise": .array(noise.map(CanonicalJSON.integer)),
            ])
        }
        // Their order in memory means nothing.
        return CanonicalJSON.array(shown.sorted { $0.text < $1.text }).digest
    }

    private static func numbers(of network: Network) -> CanonicalJSON {
        var numbers: [String: CanonicalJSON] = [
            "k": .integer(network.k), "d": .integer(network.d), "minSet": .integer(network.minSet),
        ]
        // Where it is not public nothing says so, as in all entries before there was the choice.
        if network.isRecordPublic { numbers["publicRecord"] = .bool(true) }
        return .object(numbers)
    }

    /// Who runs it learns who comes: that is what a network must be able to look up.
    private static func what(_ provider: Provider) -> CanonicalJSON {
        .object([
            "issuer": .string(provider.issuer), "trustsEmail": .bool(provider.trustsEmail),
            "roles": names(provider.roles),
        ])
    }

    private static func names(_ roles: Set<Role>) -> CanonicalJSON {
        .array(roles.map(\.rawValue).sorted().map(CanonicalJSON.string))
    }

    private static func content(of draft: Draft) -> CanonicalJSON {
        let evidence = zip(draft.releases, draft.cells).map { release, cell in
            CanonicalJSON.object(["release": .string(release.text), "cell": .string(cell.text)])
        }
        let provenance = draft.provenance.map { one in
            CanonicalJSON.object([
                "paragraph": one.paragraph.map(CanonicalJSON.integer) ?? .null, "kind": .string(one.kind.rawValue),
                "reference": .string(one.reference), "on": .string(one.on.description),
            ])
        }
        let text = CanonicalJSON.object([
            "title": .string(draft.title), "text": .string(draft.text), "measure": .string(draft.measure),
            "evidence": .array(evidence), "provenance": .array(provenance),
        ])
        var content: [String: CanonicalJSON] = [
            "recommendation": .string(draft.recommendation.text),
            "number": draft.number.map(CanonicalJSON.integer) ?? .null,
            "answerDueOn": CanonicalJSON(text: draft.answerDueOn?.description),
            "text": .string(text.digest),
        ]
        // Of later texts only: the entries of first ones are what they have always been.
        if draft.revises != nil { content["revision"] = .integer(draft.revision) }
        return .object(content)
    }
}

/// An answer as the record has it.
struct RecordedAnswer: Sendable {
    let recommendation: UUID
    let version: Int
    let decision: String
    let text: String
    let responsible: String
    let dueOn: PostgresDate?
    let answeredOn: PostgresDate

    fileprivate var content: CanonicalJSON {
        let said = CanonicalJSON.object(["text": .string(text), "responsible": .string(responsible)])
        return .object([
            "recommendation": .string(recommendation.text),
            "version": .integer(version),
            "decision": .string(decision),
            "dueOn": CanonicalJSON(text: dueOn?.description),
            "text": .string(said.digest),
        ])
    }
}

extension CanonicalJSON {
    /// A text, or `null`.
    fileprivate init(text: String?) {
        self = text.map(CanonicalJSON.string) ?? .null
    }

    /// SHA-256 of the canonical form, in hexadecimal digits.
    fileprivate var digest: String { Array(SHA256.hash(data: bytes)).hex }
}
