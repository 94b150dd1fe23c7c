import Hummingbird

/// Everything that is done with a draft beside writing it, and later texts of what was published.
struct DraftingRoutes: Sendable {
    static let parameters = DraftVersionRoutes.parameters.merging(DraftCommentRoutes.parameters) { $0.union($1) }

    let parts: ServerParts

    func add(
        drafting: some RouterMethods<DraftingContext>,
        member: some RouterMethods<MemberContext>,
        record: some RouterMethods<RecordContext>
    ) {
        CoauthorRoutes(parts: parts).add(drafting: drafting)
        DraftVersionRoutes(parts: parts).add(drafting: drafting)
        DraftCommentRoutes(parts: parts).add(drafting: drafting)
        ApprovalRoutes(parts: parts).add(drafting: drafting)
        ReviewRoutes(parts: parts).add(drafting: drafting)
        ConsultationRoutes(parts: parts).add(drafting: drafting)
        RevisionRoutes(parts: parts).add(member: member, record: record)
    }
}
