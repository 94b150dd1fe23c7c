import Disclosure
import Foundation

/// A cell as HR pulled it; the numbers are the server's and were not rounded here.
struct ReleasedCell: Hashable, Sendable {
    let item: UUID
    let unit: UUID?
    let atLeast: Int
    let negative: Int
    let neutral: Int
    let positive: Int
    let meanTenths: Int

    init(item: UUID, unit: UUID?, atLeast: Int, negative: Int, neutral: Int, positive: Int, meanTenths: Int) {
        self.item = item
        self.unit = unit
        self.atLeast = atLeast
        self.negative = negative
        self.neutral = neutral
        self.positive = positive
        self.meanTenths = meanTenths
    }

    init(_ cell: Cell<UUID>) {
        self.init(
            item: cell.item,
            unit: cell.unit,
            atLeast: cell.atLeast,
            negative: cell.negative,
            neutral: cell.neutral,
            positive: cell.positive,
            meanTenths: cell.meanTenths
        )
    }
}
