import Synchronization

/// Bounds how many may be at something, or wait for it, at once.
final class Places: Sendable {
    private let most: Int
    private let taken = Atomic(0)

    /// - Parameter most: how many there are.
    init(_ most: Int) { self.most = most }

    /// Takes one.
    ///
    /// - Returns: false when there is none; then nothing is to be given back.
    func enter() -> Bool {
        guard taken.wrappingAdd(1, ordering: .relaxed).newValue > most else { return true }
        leave()
        return false
    }

    /// Gives one back.
    func leave() { taken.wrappingSubtract(1, ordering: .relaxed) }
}
