import Foundation

extension MailRhythm {
    /// The hour of the network's wall clock at which mail goes out, and the weekday of the weekly one (1 is Sunday).
    static let hour = 9
    static let weekday = 3

    /// The last hour that was one for this rhythm: every hour for those who want it at once, nine o'clock for the daily mail,
    /// nine o'clock on Tuesday for the weekly one.
    ///
    /// - Parameters:
    ///   - now: the present instant.
    ///   - zone: whose wall clock; its days have 23 to 25 hours.
    /// - Returns: `now` at the latest; `nil` for who wants none.
    func slot(at now: Date, in zone: TimeZone) -> Date? {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        switch self {
        case .none: return nil
        case .atOnce: return calendar.dateInterval(of: .hour, for: now)?.start
        case .daily, .weekly:
            let today = calendar.startOfDay(for: now)
            for back in 0...7 {
                guard let day = calendar.date(byAdding: .day, value: -back, to: today),
                    let instant = calendar.date(bySettingHour: Self.hour, minute: 0, second: 0, of: day)
                else { continue }
                if instant <= now, self == .daily || calendar.component(.weekday, from: day) == Self.weekday {
                    return instant
                }
            }
            return nil
        }
    }

    /// How far back news are looked for at most, in seconds: what is older has had its mail, or nobody was there to send it.
    var reach: TimeInterval {
        switch self {
        case .none: 0
        // A little more than the time between two slots, whatever the wall clock does.
        case .weekly: 7 * 86_400 + 7_200
        case .daily: 86_400 + 7_200
        case .atOnce: 3 * 3_600
        }
    }

    /// Over how many seconds the mails of a slot are spread, so that when one comes says nothing about its receiver.
    var spread: Double {
        switch self {
        case .none: 0
        case .weekly, .daily: 3_600
        case .atOnce: 900
        }
    }

    /// The next full hour, at which news are looked for again.
    static func nextLook(after now: Date) -> Date {
        Date(timeIntervalSince1970: ((now.timeIntervalSince1970 / 3_600).rounded(.down) + 1) * 3_600)
    }
}
