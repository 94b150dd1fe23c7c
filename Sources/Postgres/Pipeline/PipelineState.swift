/// What is in flight on one connection and what each answer from the server means: a value without a socket.
///
/// A unit is a list of steps up to a sync point. The server works on units in order, skips the rest of a unit after
/// an error in it, and always answers the sync point (PostgreSQL manual, section 34.5.1.3). Each unit is a transaction
/// of its own, so an error in one never touches its neighbours.
struct PipelineState: Equatable, Sendable {
    typealias UnitID = UInt64

    /// One message of a unit that the server answers.
    enum Step: Equatable, Sendable {
        /// Parse; the name is known to the server from its answer on.
        case prepare(name: String)
        /// A statement whose answer nobody reads: it opens the transaction or sets the network.
        case setting
        /// The statement whose rows are wanted.
        case execute
        /// Describe; its answer is wanted.
        case describe
    }

    /// What libpq says of one answer.
    enum Answer: Equatable, Sendable {
        case success
        case failure
        /// Skipped because of an error earlier in the unit.
        case skipped
        case sync
        /// The end of the answers to one step.
        case end
    }

    /// What the runner has to do.
    enum Action: Equatable, Sendable {
        case nothing
        /// Hand the rows to the unit.
        case deliver(UnitID)
        /// Keep the error for the unit; the first of a unit counts.
        case fail(UnitID)
        /// A statement could not be prepared: its name means nothing.
        case forget(name: String, UnitID)
        /// The unit is over and so is its transaction.
        case finish(UnitID)
        /// The server answered something that was not asked: the connection cannot be trusted any more.
        case outOfStep
    }

    private struct Unit: Equatable {
        let id: UnitID
        var steps: ArraySlice<Step>
    }

    private var units: [Unit] = []

    /// How many units are in flight.
    var depth: Int { units.count }
    /// The unit that the server is working on.
    var head: UnitID? { units.first?.id }
    /// All units in flight, oldest first.
    var inFlight: [UnitID] { units.map(\.id) }

    /// Notes that a unit was sent, sync point included.
    mutating func sent(_ id: UnitID, steps: [Step]) {
        units.append(Unit(id: id, steps: steps[...]))
    }

    /// Takes the next answer of the server.
    mutating func received(_ answer: Answer) -> Action {
        guard let unit = units.first else { return answer == .end ? .nothing : .outOfStep }
        switch answer {
        case .sync:
            guard unit.steps.isEmpty else { return .outOfStep }
            units.removeFirst()
            return .finish(unit.id)
        case .end:
            units[0].steps = unit.steps.dropFirst()
            return .nothing
        case .success, .failure, .skipped:
            guard let step = unit.steps.first else {
                // The commit at the sync point failed, for example by a deferred constraint.
                return answer == .failure ? .fail(unit.id) : .outOfStep
            }
            return action(for: answer, at: step, of: unit.id)
        }
    }

    private func action(for answer: Answer, at step: Step, of id: UnitID) -> Action {
        switch (step, answer) {
        case (.prepare(let name), .failure), (.prepare(let name), .skipped): .forget(name: name, id)
        case (_, .failure): .fail(id)
        case (.execute, .success), (.describe, .success): .deliver(id)
        default: .nothing
        }
    }

    /// Takes the loss of the connection.
    ///
    /// - Returns: the units whose fate is unknown.
    mutating func lost() -> [UnitID] {
        defer { units = [] }
        return inFlight
    }
}
