import Disclosure
import Foundation
import Postgres

extension ServerParts {
    /// Publishes a draft: numbers and freezes it, opens its endorsement key, and copies it into the record.
    ///
    /// Doing it again only repeats the copy, so that a crash between the two databases loses nothing.
    ///
    /// - Parameters:
    ///   - draft: what is to be published.
    ///   - network: whose it is.
    ///   - answerDueOn: until when the employer answers; of a later text, as it was.
    ///   - expected: the version that the coordinator has read; whichever there is by default.
    /// - Throws: ``Problem`` `stale`; what ``PublicationNeeds`` finds missing; `revisionTooEarly`.
    func publish(_ draft: Draft, of network: Network, answerDueOn: PostgresDate, expected: Int? = nil) async throws {
        let key = try await makeKey()
        let today = PostgresDate.today(in: network.zone, at: now())
        try await databases.member.transaction(network: network.id) { transaction in
            _ = try await transaction.execute(LockNumbering(owner: network.id))
            guard let ready = try await ready(draft, version: expected, on: today, in: transaction) else { return }
            if let original = ready.revises {
                try await endEarlierText(of: original, in: network.id, dueOn: answerDueOn, on: today, transaction)
            }
            let statement = PublishDraft(network: network.id, id: draft.id, dueOn: answerDueOn, publishedOn: today)
            guard let published = try await transaction.first(statement) else { throw Problem(.internal) }
            try await openEndorsement(of: published, key, network, on: today, in: transaction)
            try await note(.publication(published), in: network.id, on: today, transaction)
        }
        let statement = ReadDrafts(network: network.id, id: draft.id)
        guard let frozen = try await databases.member.first(statement, network: network.id) else {
            throw Problem(.notFound)
        }
        try await copyIntoRecord(frozen)
    }

    /// One anonymous voice for each member, for this text and no other.
    private func openEndorsement(
        of text: Draft,
        _ key: SealedKey,
        _ network: Network,
        on today: PostgresDate,
        in transaction: PostgresTransaction
    ) async throws {
        let people = try await transaction.execute(CountEligible(network: network.id)).reduce(0) { $0 + $1.count }
        let plan = Plan(
            items: [text.id],
            units: [],
            unplaced: people,
            parameters: Parameters(k: network.k, d: network.d)
        )
        _ = try await transaction.execute(InsertPlan(network: network.id, round: text.id, plan: plan))
        let new = NewKey(
            scope: text.id,
            kind: .endorsement,
            tokensPerMember: 1,
            minSet: network.minSet,
            epoch: "endorsement",
            issueFrom: today,
            issueTo: today.adding(days: 28),
            redeemTo: today.adding(days: 35)
        )
        try await openKey(new, key, of: network.id, in: transaction)
    }

    /// Copies what a crash between the two databases kept from the record; harmless when nothing is missing.
    func repairPublications() async throws {
        for network in try await databases.member.execute(ReadAllNetworks()) {
            var page = ReadDrafts(network: network.id, state: "published", limit: 200)
            while true {
                let drafts = try await databases.member.execute(page, network: network.id)
                try await copyWhatIsMissing(drafts, of: network.id)
                guard drafts.count > page.limit else { break }
                page.afterNumber = drafts.last?.number
            }
            // After the first texts, to which they belong.
            let later = try await databases.member.execute(ReadRevisedTexts(network: network.id), network: network.id)
            try await copyWhatIsMissing(later, of: network.id)
        }
    }

    private func copyWhatIsMissing(_ texts: [Draft], of network: UUID) async throws {
        let statement = ReadRecordedTexts(network: network, ids: texts.map(\.id))
        let known = Set(try await databases.recordWriter.execute(statement, network: network))
        for text in texts where !known.contains(text.id) { try await copyIntoRecord(text) }
    }
}
