/// Room for a few servers at once; further tests wait for a place before they start one.
///
/// All tests of a run start together. Two hundred servers that set up roles, hash passwords and open their pools at the
/// same moment on two cores keep each other waiting until statements time out, which says nothing about the server.
actor TestRoom {
    /// The one that every server of this process takes its place in.
    static let servers = TestRoom(places: 12)

    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    /// - Parameter places: how many may be inside at once.
    init(places: Int) { free = places }

    /// Waits for a place, in the order of arrival, and goes in.
    func enter() async {
        if free > 0 {
            free -= 1
        } else {
            await withCheckedContinuation { waiting.append($0) }
        }
    }

    /// Leaves the place to the next one who waits.
    func leave() {
        if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
    }
}
