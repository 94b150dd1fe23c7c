internal import CLibpq
import Foundation

/// The hosts of a URI that names several.
///
/// libpq asks them in turn and goes on at once when one refuses, but one that keeps silent it would ask first each
/// time. So the pool limits how long an attempt takes, and begins the next one a host later.
struct HostOrder: Equatable, Sendable {
    /// `host`, `hostaddr` and `port`, as far as they are given: a value for each host.
    let lists: [String: [String]]
    let count: Int

    /// - Parameter uri: URI or `keyword=value` text.
    /// - Returns: `nil` when it names one host or none, or cannot be read.
    init?(_ uri: String) {
        guard let options = unsafe PQconninfoParse(uri, nil) else { return nil }
        defer { unsafe PQconninfoFree(options) }
        var lists: [String: [String]] = [:]
        var place = unsafe options
        while let name = unsafe place.pointee.keyword {
            let keyword = unsafe String(cString: name)
            if ["host", "hostaddr", "port"].contains(keyword), let value = unsafe place.pointee.val {
                lists[keyword] = unsafe String(cString: value)
                    .split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            }
            unsafe place += 1
        }
        let count = lists["hostaddr"]?.count ?? lists["host"]?.count ?? 1
        guard count > 1 else { return nil }
        // One port stands for all hosts.
        self.lists = lists.filter { $0.key != "port" || $0.value.count == count }
        self.count = count
    }

    /// What to give libpq after the URI.
    ///
    /// - Parameter turn: how many hosts come last instead of first.
    func keywords(turn: Int) -> [(name: String, value: String)] {
        let turn = turn % count
        guard turn > 0 else { return [] }
        return lists.sorted { $0.key < $1.key }.map { name, list in
            let places = min(turn, list.count)
            return (name, (list.dropFirst(places) + list.prefix(places)).joined(separator: ","))
        }
    }
}
