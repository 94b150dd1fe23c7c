import Foundation
@testable import TestSupport
import Testing

@testable import Chorus

/// T10: an insider has everything after the fact (a dump as superuser, heap pages with their hidden columns, the write-ahead log,
/// both logs), knows the order in which the members fetched tokens and even the order in which requests came in, and tries to
/// say which message is whose (invariants I1 and I4).
@Suite(.serialized) struct ReLinkProcessTests {
    @Test func t10NoOrderAndNoRecordLeadsFromAMessageToItsAuthor() async throws {
        try await ReLinkCrowd.run { crowd in
            let evidence = try ReLinkEvidence(of: crowd)
            try checkThatTheAttackerSees(crowd, evidence)
            checkOrders(crowd, evidence)
            checkTransactions(crowd, evidence)
            checkRecords(crowd, evidence)
            checkLines(crowd, evidence)
        }
    }

    /// Without this, finding nothing would say nothing: where there is an order, the same reading shows it.
    private func checkThatTheAttackerSees(_ crowd: ReLinkCrowd, _ evidence: ReLinkEvidence) throws {
        let arrival = Array(crowd.posts.indices)
        #expect(evidence.inboxInserts == [40, 40, 45, 40, 40], "the log of the inbox shows when something arrived")
        for (name, members) in evidence.grants {
            let control = OrderComparison("control \(name)", seen: members, known: crowd.granted) { _ in 0 }
            print(control)
            #expect(control.rho > 0.999, "the hidden order of grants is the order of fetching")
        }
        for (name, orders) in evidence.orders {
            #expect(orders.count == 5 + (evidence.hasPages ? 1 : 0), "\(name)")
            for (source, order) in orders { try #require(order.sorted() == arrival, "\(name) by \(source)") }
        }
    }

    private func checkOrders(_ crowd: ReLinkCrowd, _ evidence: ReLinkEvidence) {
        let byMember = Dictionary(uniqueKeysWithValues: crowd.posts.enumerated().map { ($1.member, $0) })
        var known = [("arrival", Array(crowd.posts.indices))]
        known += evidence.grants.map { (name: $0.name, $0.members.compactMap { byMember[$0] }) }
        func compare(_ name: String, _ seen: [Int], _ known: [Int]) {
            let comparison = OrderComparison(name, seen: seen, known: known, batch: ReLinkCrowd.batch)
            print(comparison)
            #expect(comparison.isChance, "\(comparison)")
        }
        for (table, orders) in evidence.orders {
            for (source, order) in orders {
                for (name, known) in known { compare("\(table) by \(source) against \(name)", order, known) }
            }
        }
        // The tables of one mix against each other.
        for (index, one) in evidence.orders.enumerated() {
            for other in evidence.orders.dropFirst(index + 1) {
                compare("\(one.table) against \(other.table)", one.orders[0].order, other.orders[0].order)
            }
        }
    }

    /// All rows of a mix are of one transaction, and of one command of it for each table.
    private func checkTransactions(_ crowd: ReLinkCrowd, _ evidence: ReLinkEvidence) {
        // Numbers are written anew at every mix, so that they do not share their transaction with their texts only.
        let numbers = evidence.transactions[3]
        #expect(Set(numbers.values).count == 1, "all of the month are of the last mix")
        for batch in 0..<5 {
            let mixes = evidence.transactions.dropLast().map { table in
                Set(table.filter { ReLinkCrowd.batch($0.key) == batch }.map(\.value))
            }
            #expect(mixes.allSatisfy { $0.count == 1 && $0 == mixes[0] }, "\(mixes)")
        }
        #expect(evidence.commands.allSatisfy { $0 == 1 }, "\(evidence.commands)")
    }

    /// No record and no transaction of the log holds a member and something anonymous, and posting touches no member's table.
    private func checkRecords(_ crowd: ReLinkCrowd, _ evidence: ReLinkEvidence) {
        let members = evidence.wal.records(holding: evidence.memberBytes)
        let posts = evidence.wal.records(holding: evidence.anonymousBytes)
        #expect(members.count >= ReLinkCrowd.members, "the grants are found")
        #expect(posts.count >= 3 * ReLinkCrowd.members, "messages, threads and tokens are found")
        #expect(members.isDisjoint(with: posts))
        func transactions(_ records: Set<Int>) -> Set<Int> {
            Set(records.map { evidence.wal.records[$0].transaction }).subtracting([0])
        }
        #expect(transactions(members).isDisjoint(with: transactions(posts)))
        print("T10 tables written while posting and mixing: \(evidence.written.sorted().joined(separator: " "))")
        #expect(
            evidence.written.isSubset(of: [
                "anon_batch", "anon_inbox", "anon_key", "channel", "message", "network", "spent_token", "theme",
                "theme_close", "theme_rating", "thread",
            ])
        )
    }

    /// No line of the dump holds both, and no log holds either.
    private func checkLines(_ crowd: ReLinkCrowd, _ evidence: ReLinkEvidence) {
        var found = (members: Set<String>(), anonymous: Set<String>())
        for line in evidence.dump.split(separator: "\n") {
            let words = ReLinkEvidence.words(of: line)
            let (members, anonymous) = (words.intersection(evidence.members), words.intersection(evidence.anonymous))
            #expect(members.isEmpty || anonymous.isEmpty, "\(line)")
            found.members.formUnion(members)
            found.anonymous.formUnion(anonymous)
        }
        #expect(found.members == evidence.members, "the dump shows every member")
        #expect(found.anonymous == evidence.anonymous, "and everything anonymous")
        #expect(evidence.logs.count == 2)
        for log in evidence.logs {
            #expect(!log.isEmpty)
            let words = ReLinkEvidence.words(of: log[...])
            #expect(words.isDisjoint(with: evidence.members.union(evidence.anonymous)))
        }
    }
}
