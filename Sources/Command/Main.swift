internal import ArgumentParser
@main struct Chorus: ParsableCommand {}
