import Disclosure
import Foundation
import Postgres

/// What strict rounds may spend of their members' privacy (anonymity.md, section 5.2).
enum PrivacyLedger {
    /// The sum of ε over the strict rounds of one network and one year; with the standard ε of an item, sixteen items.
    static let yearlyCap = 8

    /// Whether another round fits; exact, in whole numbers.
    ///
    /// - Parameters:
    ///   - new: its ε as a fraction.
    ///   - spent: what the other rounds of the year have spent or reserved.
    static func admits(_ new: Epsilon, after spent: [Epsilon]) -> Bool {
        let sum = (spent + [new]).reduce(Epsilon(numerator: 0, denominator: 1)) { $0.adding($1) }
        return sum.numerator <= yearlyCap * sum.denominator
    }
}

/// An ε as a fraction.
struct Epsilon: Sendable, Equatable {
    let numerator: Int
    let denominator: Int

    func adding(_ other: Epsilon) -> Epsilon {
        let top = numerator * other.denominator + other.numerator * denominator
        let bottom = denominator * other.denominator
        var (a, b) = (top, bottom)
        while b != 0 { (a, b) = (b, a % b) }
        return Epsilon(numerator: top / max(1, a), denominator: bottom / max(1, a))
    }
}

struct ReadLedger: PostgresStatement {
    static let sql = """
        SELECT epsilon_numerator, epsilon_denominator FROM privacy_ledger WHERE network_id = $1 AND year = $2
        """
    let network: UUID
    let year: Int
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(Int16(year))
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Epsilon {
        Epsilon(numerator: try row.next(), denominator: try row.next())
    }
}

struct InsertLedger: PostgresStatement {
    typealias Row = Void
    static let sql = """
        INSERT INTO privacy_ledger (network_id, round_id, year, epsilon_numerator, epsilon_denominator)
        VALUES ($1, $2, $3, $4, $5)
        """
    let network: UUID
    let round: UUID
    let year: Int
    let epsilon: Epsilon
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(round)
        parameters.append(Int16(year))
        parameters.append(Int32(epsilon.numerator))
        parameters.append(Int32(epsilon.denominator))
    }
}

/// Notes that the noise of a round is drawn; no row comes back when it was before.
struct SpendLedger: PostgresStatement {
    static let sql = """
        UPDATE privacy_ledger SET noised_on = $3 WHERE network_id = $1 AND round_id = $2 AND noised_on IS NULL
        RETURNING round_id
        """
    let network: UUID
    let round: UUID
    let day: PostgresDate
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(round)
        parameters.append(day)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> UUID { try row.next() }
}
