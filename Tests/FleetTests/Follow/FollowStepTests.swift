import Pipeline
import SystemPackage
import Testing

@testable import Fleet

@Suite struct FollowStepTests {
    private let place = FleetPlace(fleet: "f", revision: 7, mark: "m7")
    private let host = HostID()

    private func change(_ revision: Int64) -> SharedChange {
        SharedChange(revision: revision, event: .forgotten, host: host, path: "/in/a", content: nil)
    }

    /// A look at these changes, each with the mark `m` and its revision.
    private func look(_ revisions: [Int64], newest: Int64? = nil, fleet: String = "f", mark: String? = nil) -> FleetLook
    {
        FleetLook(
            fleet: fleet,
            revision: newest ?? revisions.last ?? 0,
            changes: revisions.enumerated().map { index, revision in
                .init(
                    revision: revision,
                    mark: index == 0 ? mark ?? "m\(revision)" : "m\(revision)",
                    change: change(revision)
                )
            },
            hosts: []
        )
    }

    @Test func `a copy goes on behind its last change, and rests where there is none`() {
        let next = FleetPlace(fleet: "f", revision: 9, mark: "m9")
        #expect(FollowStep.from(place, look([7, 8, 9])) == .take([change(8), change(9)], next))
        #expect(FollowStep.from(place, look([7])) == .rest)
    }

    @Test func `a change that this version cannot read leads on, without a word`() {
        let unread = FleetLook(
            fleet: "f",
            revision: 8,
            changes: [.init(revision: 7, mark: "m7", change: nil), .init(revision: 8, mark: "m8", change: nil)],
            hosts: []
        )
        #expect(FollowStep.from(place, unread) == .take([], FleetPlace(fleet: "f", revision: 8, mark: "m8")))
    }

    @Test func `the copy is made anew where changes cannot be told one by one`() {
        #expect(FollowStep.from(nil, look([1])) == .anew(.first))
        #expect(FollowStep.from(place, look([7, 8], fleet: "g")) == .anew(.otherFleet))
        #expect(FollowStep.from(place, look([5, 6], newest: 6)) == .anew(.restored))
        #expect(FollowStep.from(place, look([7, 8], mark: "another")) == .anew(.restored))
        #expect(FollowStep.from(place, look([8, 9])) == .anew(.pruned))
        #expect(FollowStep.from(place, look([7, 9])) == .anew(.pruned))
        #expect(FollowStep.from(place, look([7], newest: 9)) == .anew(.pruned))
        #expect(FollowStep.from(place, look([], newest: 9)) == .anew(.pruned))
    }

    @Test func `a fleet without a change has nothing to compare`() {
        let start = FleetPlace(fleet: "f", revision: 0, mark: nil)
        #expect(FollowStep.from(start, look([])) == .rest)
        #expect(
            FollowStep.from(start, look([1])) == .take([change(1)], FleetPlace(fleet: "f", revision: 1, mark: "m1"))
        )
    }
}
