/// The reference of the API as a page without scripts, made from `openapi.yaml` when it is first asked for.
enum ReferencePage {
    static let html = ""
}
