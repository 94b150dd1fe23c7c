import Foundation
import Postgres

struct ReadReview: PostgresStatement {
    static let sql = """
        SELECT r.version, r.until_day, v.quality, v.effect
        FROM draft_review r
        LEFT JOIN draft_vote v
            ON v.network_id = r.network_id AND v.recommendation_id = r.recommendation_id AND v.membership_id = $3
        WHERE r.network_id = $1 AND r.recommendation_id = $2
        """
    let network: UUID
    let recommendation: UUID
    /// Whose vote is shown.
    let membership: UUID
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(recommendation)
        parameters.append(membership)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Review {
        let version: Int = try row.next()
        let until: PostgresDate = try row.next()
        let quality: Int? = try row.next()
        let effect: Int? = try row.next()
        var vote: Review.Vote?
        if let quality, let effect { vote = Review.Vote(quality: quality, effect: effect) }
        return Review(version: version, until: until, vote: vote)
    }
}

/// Puts what a draft says now before the panel; votes on what it said before go.
///
/// To end a review changes nothing but the day.
struct SaveReview: PostgresStatement {
    static let sql = """
        WITH draft AS (
            SELECT network_id, id, version FROM recommendation
            WHERE network_id = $1 AND id = $2 AND state = 'draft'
            FOR SHARE
        ), voided AS (
            DELETE FROM draft_vote v USING draft_review r, draft d
            WHERE v.network_id = $1 AND v.recommendation_id = d.id AND r.network_id = $1
                AND r.recommendation_id = d.id AND r.version <> d.version AND $4
        )
        INSERT INTO draft_review (network_id, recommendation_id, version, until_day)
        SELECT network_id, id, version, $3 FROM draft
        ON CONFLICT (network_id, recommendation_id) DO UPDATE
            SET until_day = EXCLUDED.until_day,
                version = CASE WHEN $4 THEN EXCLUDED.version ELSE draft_review.version END
        RETURNING version
        """
    let network: UUID
    let recommendation: UUID
    let until: PostgresDate
    let isOpen: Bool
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(recommendation)
        parameters.append(until)
        parameters.append(isOpen)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Int { try row.next() }
}

/// Votes, or votes anew, while the review is open and the text is not frozen.
struct InsertVote: PostgresStatement {
    static let sql = """
        INSERT INTO draft_vote (network_id, recommendation_id, membership_id, quality, effect)
        SELECT r.network_id, r.id, $3, $4, $5
        FROM recommendation r
        JOIN draft_review v ON v.network_id = r.network_id AND v.recommendation_id = r.id
        WHERE r.network_id = $1 AND r.id = $2 AND r.state = 'draft' AND v.until_day >= $6
        FOR SHARE OF r, v
        ON CONFLICT (network_id, recommendation_id, membership_id)
            DO UPDATE SET quality = EXCLUDED.quality, effect = EXCLUDED.effect
        RETURNING membership_id
        """
    let network: UUID
    let recommendation: UUID
    let membership: UUID
    let vote: Review.Vote
    let today: PostgresDate
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(recommendation)
        parameters.append(membership)
        parameters.append(vote.quality)
        parameters.append(vote.effect)
        parameters.append(today)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> UUID { try row.next() }
}

/// Counts the votes and deletes them: how somebody voted is nobody's business once it is published.
///
/// The lower median, so that what is said is always a grade that somebody gave.
struct EndReview: PostgresStatement {
    typealias Row = Void
    static let sql = """
        WITH counted AS (
            SELECT count(*) AS votes, percentile_disc(0.5) WITHIN GROUP (ORDER BY quality) AS quality,
                percentile_disc(0.5) WITHIN GROUP (ORDER BY effect) AS effect
            FROM draft_vote WHERE network_id = $1 AND recommendation_id = $2
        ), gone AS (
            DELETE FROM draft_vote WHERE network_id = $1 AND recommendation_id = $2
        )
        UPDATE draft_review v
        SET votes = CASE WHEN c.votes >= \(Review.leastVotes) THEN c.votes END,
            quality = CASE WHEN c.votes >= \(Review.leastVotes) THEN c.quality END,
            effect = CASE WHEN c.votes >= \(Review.leastVotes) THEN c.effect END,
            is_earlier = v.version <> $3
        FROM counted c
        WHERE v.network_id = $1 AND v.recommendation_id = $2
        """
    let network: UUID
    let recommendation: UUID
    /// Of the text that is published.
    let version: Int
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(recommendation)
        parameters.append(version)
    }
}
