import Foundation
import Postgres

/// What the doctor looks at on the machine itself; pure, so that a full disk can be tried without one.
enum MachineCheck {
    /// Less than this, and less than a twentieth of the whole, is too little for PostgreSQL's log and a dump beside it.
    static let leastFree = 1_073_741_824

    /// - Parameters:
    ///   - free: bytes that the server's user may still write.
    ///   - total: bytes of the file system.
    ///   - path: what lies on it.
    static func disk(free: Int, total: Int, path: String) -> Doctor.Finding {
        let share = total > 0 ? 100 * Double(free) / Double(total) : 0
        let found = "\(free / 1_048_576) MiB (\(Int(share)) %) are free where \(path) lies"
        guard free < leastFree || share < 5 else { return .fine("disk", found) }
        return .wrong(
            "disk",
            found,
            mend: "Make room or enlarge the file system: when it is full PostgreSQL stops, and nothing more is taken."
        )
    }

    /// - Parameter data: the data directory, or what will be its parent.
    static func disk(of data: DataDirectory) -> Doctor.Finding {
        let path = data.file("")
        let found = try? FileManager.default.attributesOfFileSystem(forPath: path)
        guard let free = (found?[.systemFreeSize] as? NSNumber)?.intValue,
            let total = (found?[.systemSize] as? NSNumber)?.intValue
        else { return .wrong("disk", "\(path) cannot be looked at", mend: "See whether it is there and may be read.") }
        return disk(free: free, total: total, path: path)
    }

    /// Days and deadlines bear minutes of error; two machines that do not agree on the day do not work together.
    ///
    /// - Parameter seconds: by how much the database's clock is ahead of this machine's.
    static func clocks(ahead seconds: Double) -> Doctor.Finding {
        let difference = Int(abs(seconds).rounded())
        return difference <= 60
            ? .fine("clocks", "this machine and the database agree on the time")
            : .wrong(
                "clocks",
                "this machine and the database differ by \(difference) seconds",
                mend: "Let both keep their clocks by NTP: apt-get install systemd-timesyncd."
            )
    }

    /// What Debian's programs that keep a clock leave while they run.
    private static let timekeepers = [
        "/run/systemd/timesync/synchronized", "/run/chrony/chronyd.pid", "/run/ntpd.pid", "/run/openntpd.pid",
    ]

    /// That nothing here keeps the clock is no fault, as a virtual machine's host may do it.
    static var timekeeping: Doctor.Finding {
        timekeepers.contains { FileManager.default.fileExists(atPath: $0) }
            ? .fine("time", "is kept by a program of this machine")
            : .fine("time", "no program of this machine keeps it; where no host does, install systemd-timesyncd")
    }
}
