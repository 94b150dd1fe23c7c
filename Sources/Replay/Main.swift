internal import ArgumentParser
internal import AsyncHTTPClient
@main struct Replay: ParsableCommand {}
