import CWebClient
import Foundation
import Postgres

/// What a person may agree to.
enum ConsentPurpose: String, CaseIterable, Sendable {
    case membership, mail
}

/// What somebody has agreed to, and when.
struct Consent: Sendable {
    let purpose: ConsentPurpose
    let textVersion: String
    let givenOn: PostgresDate
    let withdrawnOn: PostgresDate?
}

/// A consent as its giver sees it.
struct ConsentAnswer: Encodable, Sendable {
    /// An outdated one was given to an earlier text: it covers what that one said, and is asked for anew.
    enum State: String, Encodable {
        case given, outdated, withdrawn
    }

    let purpose: String
    let textVersion: String
    let givenOn: String
    @ExplicitNull var withdrawnOn: String?
    let state: State
}

/// One version of what a consent says.
struct ConsentText: Sendable {
    let purpose: ConsentPurpose
    let version: String
    let language: Language
    /// A sentence or two each.
    let points: [String]
}

/// All versions of all texts: the last one of a purpose is in force, the others are there for those who have agreed to them.
struct ConsentTexts: Sendable {
    let all: [ConsentText]

    /// Those that travel inside the program.
    static let embedded: ConsentTexts = {
        var count = 0
        let first = chorus_consent_texts(&count)
        let all = UnsafeBufferPointer(start: first, count: count).compactMap { text -> ConsentText? in
            guard let purpose = ConsentPurpose(rawValue: String(cString: text.purpose)),
                let language = Language(rawValue: String(cString: text.language))
            else { return nil }
            let bytes = UnsafeBufferPointer(start: text.bytes, count: text.length)
            let points = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
            let version = String(cString: text.version)
            return ConsentText(purpose: purpose, version: version, language: language, points: points)
        }
        return ConsentTexts(all: all)
    }()

    /// The versions of a purpose's text, the one in force last.
    func versions(of purpose: ConsentPurpose) -> [String] {
        all.filter { $0.purpose == purpose && $0.language == .de }.map(\.version)
    }

    func versionInForce(of purpose: ConsentPurpose) -> String { versions(of: purpose).last ?? "" }

    /// - Parameter version: the one in force by default.
    /// - Returns: `nil` when there is no such version.
    func text(of purpose: ConsentPurpose, version: String? = nil, in language: Language) -> ConsentText? {
        let version = version ?? versionInForce(of: purpose)
        return all.first { $0.purpose == purpose && $0.version == version && $0.language == language }
    }

    /// Nobody agrees to a text that they cannot have read, nor to one that is over.
    ///
    /// - Throws: ``Problem`` `invalid` for a version that there is not, `consentOutdated` for an earlier one.
    func requireInForce(_ version: String, of purpose: ConsentPurpose, _ pointer: String) throws(Problem) {
        let versions = versions(of: purpose)
        guard versions.contains(version) else { throw Problem.invalid(pointer, "is no version of this text") }
        guard version == versions.last else { throw Problem(.consentOutdated) }
    }

    func answer(_ consent: Consent) -> ConsentAnswer {
        let isInForce = consent.textVersion == versionInForce(of: consent.purpose)
        return ConsentAnswer(
            purpose: consent.purpose.rawValue,
            textVersion: consent.textVersion,
            givenOn: consent.givenOn.description,
            withdrawnOn: consent.withdrawnOn?.description,
            state: consent.withdrawnOn != nil ? .withdrawn : isInForce ? .given : .outdated
        )
    }
}
