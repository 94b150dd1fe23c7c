import Hummingbird

/// Every problem the server answers: the last part of its `type` address, its status, its texts.
///
/// This is the only list of them; `openapi.yaml` and the client's catalogue name the same ones.
enum ProblemName: String, CaseIterable, Sendable {
    // 400
    case malformed = "malformed"
    case logoutRefused = "logout-refused"
    case unknownParameter = "unknown-parameter"
    case identityAttached = "identity-attached"
    // 401, 403, 404, 405, 406
    case unauthenticated = "unauthenticated"
    case secondFactorRequired = "second-factor-required"
    case forbidden = "forbidden"
    case crossOrigin = "cross-origin"
    case notFound = "not-found"
    case methodNotAllowed = "method-not-allowed"
    case notAcceptable = "not-acceptable"
    // 409
    case conflict = "conflict"
    case alreadyExists = "already-exists"
    case rsvpClosed = "rsvp-closed"
    case eventCancelled = "event-cancelled"
    case alreadyGranted = "already-granted"
    case tokenSpent = "token-spent"
    case stateConflict = "state-conflict"
    case resetByOperator = "reset-by-operator"
    case lastSignIn = "last-sign-in"
    case consentOutdated = "consent-outdated"
    case idempotencyInProgress = "idempotency-in-progress"
    case approvalMissing = "approval-missing"
    case provenanceMissing = "provenance-missing"
    case windowOpen = "window-open"
    case windowClosed = "window-closed"
    case revisionTooEarly = "revision-too-early"
    // 410, 412, 413, 415
    case keyClosed = "key-closed"
    case stale = "stale"
    case directoryChanged = "directory-changed"
    case tooLarge = "too-large"
    case unsupportedMediaType = "unsupported-media-type"
    // 422
    case invalid = "invalid"
    case invalidToken = "invalid-token"
    case invitationUnknown = "invitation-unknown"
    case passwordRefused = "password-refused"
    case resetRefused = "reset-refused"
    case idempotencyMismatch = "idempotency-mismatch"
    case admissionRefused = "admission-refused"
    case evidenceNotReleased = "evidence-not-released"
    case packageRefused = "package-refused"
    // 425, 428, 429, 500, 503
    case setTooSmall = "set-too-small"
    case preconditionRequired = "precondition-required"
    case tooManyRequests = "too-many-requests"
    case challengeRequired = "challenge-required"
    case `internal` = "internal"
    case unavailable = "unavailable"
    case providerUnavailable = "provider-unavailable"

    /// The HTTP status this problem is answered with.
    var status: HTTPResponse.Status {
        switch self {
        case .malformed, .logoutRefused, .unknownParameter, .identityAttached: .badRequest
        case .unauthenticated, .secondFactorRequired: .unauthorized
        case .forbidden, .crossOrigin: .forbidden
        case .notFound: .notFound
        case .methodNotAllowed: .methodNotAllowed
        case .notAcceptable: .notAcceptable
        case .conflict, .alreadyExists, .rsvpClosed, .eventCancelled, .alreadyGranted, .tokenSpent, .stateConflict,
            .resetByOperator, .lastSignIn, .consentOutdated, .idempotencyInProgress, .approvalMissing,
            .provenanceMissing, .windowOpen,
            .windowClosed,
            .revisionTooEarly:
            .conflict
        case .keyClosed: .gone
        case .stale, .directoryChanged: .preconditionFailed
        case .tooLarge: .contentTooLarge
        case .unsupportedMediaType: .unsupportedMediaType
        case .invalid, .invalidToken, .invitationUnknown, .passwordRefused, .resetRefused, .idempotencyMismatch,
            .admissionRefused, .evidenceNotReleased, .packageRefused:
            .unprocessableContent
        case .setTooSmall: .init(code: 425, reasonPhrase: "Too Early")
        case .preconditionRequired: .preconditionRequired
        case .tooManyRequests, .challengeRequired: .tooManyRequests
        case .internal: .internalServerError
        case .unavailable, .providerUnavailable: .serviceUnavailable
        }
    }
}
