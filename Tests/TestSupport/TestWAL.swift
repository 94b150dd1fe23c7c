@testable import Chorus
import Foundation

/// The write-ahead log from some place on, as `pg_waldump` tells it, with the bytes of each record.
struct TestWAL {
    /// One record.
    struct Record {
        /// Resource manager, such as `Heap`.
        let manager: String
        /// What it says, such as `INSERT`.
        let action: String
        /// Transaction; 0 for none.
        let transaction: Int
        /// Number of the file that the first block is in; empty without one.
        let file: String
        /// Place of the row, as `ctid` writes it; empty without one.
        let ctid: String
        /// Where its bytes are.
        let bytes: Range<Int>
    }

    private static let pageSize = 8_192
    private static let segmentSize = 1 << 24

    /// In the order in which they were written.
    let records: [Record]
    /// All bytes, without the headers of pages.
    let bytes: Data

    /// Reads what is there.
    ///
    /// - Parameters:
    ///   - town: whose.
    ///   - start: a place as `pg_current_wal_insert_lsn()` gives it.
    init(of town: TestProcess, from start: String) throws {
        // At the end of what was written it says that there is no further record, and fails.
        let text = try town.shell("pg_waldump -p \"$0/postgres/pg_wal\" -s \"$1\" 2>/dev/null || true", start)
        let line = try Regex(
            #"^rmgr: (\w+) +len \(rec/tot\): +\d+/ *(\d+), tx: +(\d+), lsn: ([0-9A-F/]+), prev [0-9A-F/]+, desc: (\S+)(.*)$"#,
            as: (Substring, Substring, Substring, Substring, Substring, Substring, Substring).self
        )
        let block = try Regex(#"rel \d+/\d+/(\d+) blk (\d+)"#, as: (Substring, Substring, Substring).self)
        let offset = try Regex(#"off:? (\d+)"#, as: (Substring, Substring).self)
        let base = Self.number(start) / Self.segmentSize * Self.segmentSize
        records = text.split(separator: "\n").compactMap { row in
            guard let found = row.wholeMatch(of: line)?.output else { return nil }
            let place = found.6.firstMatch(of: block)?.output
            let row = found.6.firstMatch(of: offset)?.output.1
            let from = Self.place(Self.number(found.4) - base)
            return Record(
                manager: String(found.1),
                action: String(found.5),
                transaction: Int(found.3) ?? 0,
                file: place.map { String($0.1) } ?? "",
                ctid: place.flatMap { place in row.map { "(\(place.2),\($0))" } } ?? "",
                bytes: from..<from + (Int(found.2) ?? 0)
            )
        }
        bytes = Self.withoutHeaders(of: town, from: base)
    }

    /// The records that hold any of some byte strings.
    func records(holding needles: [[UInt8]]) -> Set<Int> {
        Set(
            bytes.places(ofAny: needles).compactMap { place in
                // The last one that begins there or before.
                var (low, high) = (0, records.count)
                while low < high {
                    let middle = (low + high) / 2
                    if records[middle].bytes.lowerBound <= place { low = middle + 1 } else { high = middle }
                }
                return low > 0 && records[low - 1].bytes.contains(place) ? low - 1 : nil
            }
        )
    }

    private static func number(_ lsn: some StringProtocol) -> Int {
        let parts = lsn.split(separator: "/").map { Int($0, radix: 16) ?? 0 }
        return parts.count == 2 ? parts[0] << 32 | parts[1] : 0
    }

    /// A page begins with a header of 24 bytes, the first of a segment with one of 40 (xlog_internal.h).
    private static func header(ofPage page: Int) -> Int { page % (segmentSize / pageSize) == 0 ? 40 : 24 }

    /// Where something that lies there among pages lies without their headers.
    private static func place(_ offset: Int) -> Int {
        let page = offset / pageSize
        let segments = page / (segmentSize / pageSize) + 1
        return offset - 24 * (page + 1) - 16 * segments
    }

    private static func withoutHeaders(of town: TestProcess, from base: Int) -> Data {
        var all = Data()
        for segment in base / segmentSize..<Int.max {
            let perFile = (1 << 32) / segmentSize
            let hex = [1, segment / perFile, segment % perFile].map { number in
                let digits = String(number, radix: 16, uppercase: true)
                return String(repeating: "0", count: 8 - digits.count) + digits
            }
            let path = "\(town.directory)/postgres/pg_wal/\(hex.joined())"
            guard let file = FileManager.default.contents(atPath: path), file.count == segmentSize else { break }
            for page in 0..<segmentSize / pageSize {
                all.append(file[page * pageSize + header(ofPage: page)..<(page + 1) * pageSize])
            }
        }
        return all
    }
}
