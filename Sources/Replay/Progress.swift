import Foundation

/// Writes to standard error.
func report(_ text: String, terminator: String = "\n") {
    FileHandle.standardError.write(Data((text + terminator).utf8))
}

/// Does something for each element, a few at a time, under a progress bar.
///
/// - Returns: the results in the order of the elements.
func each<Element: Sendable, Value: Sendable>(
    _ title: String,
    of elements: [Element],
    _ body: @escaping @Sendable (Element) async throws -> Value
) async throws -> [Value] {
    var values = [Value?](repeating: nil, count: elements.count)
    try await withThrowingTaskGroup(of: (Int, Value).self) { group in
        var waiting = elements.enumerated().makeIterator()
        func start(_ group: inout ThrowingTaskGroup<(Int, Value), any Error>) {
            guard let (index, element) = waiting.next() else { return }
            // A request waits for its answer most of the time; sixteen at once keep the server busy.
            group.addTask { (index, try await body(element)) }
        }
        for _ in 0..<16 { start(&group) }
        var done = 0
        while let (index, value) = try await group.next() {
            values[index] = value
            done += 1
            start(&group)
            guard done == elements.count || done % max(1, elements.count / 40) == 0 else { continue }
            let filled = done * 40 / elements.count
            let bar = String(repeating: "█", count: filled) + String(repeating: "·", count: 40 - filled)
            report("\r\(title) \(bar) \(done)/\(elements.count)", terminator: done == elements.count ? "\n" : "")
        }
    }
    return values.compactMap { $0 }
}
