import Glibc
import Ledger
import SystemPackage
import TestSupport
import Testing
import Threads

@testable import Pipeline
@testable import Watch

/// Departing files that an earlier process set aside, or whose folder lies elsewhere by now.
@Suite struct DepartureLeftoverTests {
    private let fixture: DeparturesFixture

    init() throws {
        fixture = try DeparturesFixture()
    }

    /// A file that was set aside by a process that ended then; its hidden name.
    private func leftover(_ name: String, leaving: AfterUpload = .delete) async throws -> FilePath {
        let path = try await fixture.upload(name, leaving: leaving)
        let departure = try #require(try await fixture.ledger.departures(exceptFolders: [], after: 0, limit: 1).first)
        guard case .aside = try AsideFile.take(departure, beneath: fixture.directory.at("in"), isQuiet: true) else {
            throw Errno.invalidArgument
        }
        let hidden = try #require(HiddenName(.file, of: departure)?.component)
        return path.removingLastComponent().appending(hidden)
    }

    @Test(.timeLimit(.minutes(5)))
    func `a file that was written to since an earlier process set it aside stays, whatever mtime it has`()
        async throws
    {
        let hidden = try await leftover("a.jpg")
        try fixture.directory.rewriteKeepingTimes("in/\(hidden.lastComponent?.string ?? "")", "two")

        try await fixture.carryOut([fixture.plan(.delete)])

        #expect(try fixture.directory.text("in/a.jpg") == "two")
        #expect(fixture.looked.all == [fixture.directory.at("in/a.jpg")])
        #expect(try await fixture.isForgotten)
    }

    @Test(.timeLimit(.minutes(5)))
    func `a file that was set aside is left to its own departure`() async throws {
        let hidden = try await leftover("sub/a.jpg")
        let departures = fixture.departures([fixture.plan(.delete)])

        await departures.returnLeftover(hidden, in: "inbox")

        #expect(try fixture.directory.namesOf("in/sub") == [hidden.lastComponent?.string])
        #expect(fixture.looked.all.isEmpty)
    }

    @Test(.timeLimit(.minutes(5)), arguments: ["renamed directory", "no departure", "other folder's ledger"])
    func `a file that was set aside and has no departure there has its name again`(case name: String) async throws {
        var hidden = try await leftover("sub/a.jpg")
        let departure = try #require(try await fixture.ledger.departures(exceptFolders: [], after: 0, limit: 1).first)
        var directoryName = "in/sub"
        switch name {
        case "renamed directory":
            directoryName = "in/renamed"
            #expect(rename(fixture.directory.at("in/sub").string, fixture.directory.at(directoryName).string) == 0)
            hidden = fixture.directory.at(directoryName).appending(try #require(hidden.lastComponent))
        case "no departure": try await fixture.ledger.drop(departure)
        default:
            let other = "in/sub/.outtray-\(departure.id)-1.a.jpg"
            #expect(rename(hidden.string, fixture.directory.at(other).string) == 0)
            hidden = fixture.directory.at(other)
            try await fixture.ledger.drop(departure)
        }
        let departures = fixture.departures([fixture.plan(.delete)])

        await departures.returnLeftover(hidden, in: "inbox")

        #expect(try fixture.directory.namesOf(directoryName) == ["a.jpg"])
        #expect(fixture.looked.all == [fixture.directory.at("\(directoryName)/a.jpg")])
        let isTold = fixture.events.all.contains {
            if case .stays(fixture.directory.at("\(directoryName)/a.jpg"), _) = $0 { true } else { false }
        }
        #expect(isTold)
    }

    @Test(.timeLimit(.minutes(5)))
    func `the departure of a folder that is gone waits for the folder`() async throws {
        _ = try await leftover("sub/a.jpg")
        #expect(rename(fixture.directory.at("in").string, fixture.directory.at("away").string) == 0)

        await fixture.departures([fixture.directory.plan(name: "another", after: .delete)]).dropOthers()
        #expect(try await !fixture.isForgotten)

        #expect(rename(fixture.directory.at("away").string, fixture.directory.at("in").string) == 0)
        await fixture.departures([fixture.directory.plan(name: "another", after: .delete)]).dropOthers()
        #expect(try fixture.directory.namesOf("in/sub") == ["a.jpg"])
        #expect(try await fixture.isForgotten)
    }

    @Test(.timeLimit(.minutes(5)))
    func `no file leaves a folder that has come to lie in another one`() async throws {
        try await fixture.upload()
        let places = HeldPlaces()
        #expect(places.claim(DirectoryPlace(of: fixture.directory.path), of: "other", for: fixture.events) == nil)
        let departures = fixture.departures([fixture.plan(.delete)], places: places)

        try await fixture.running(departures) {
            while try await departures.failed().count < 1 { try await Task.sleep(for: .milliseconds(2)) }
        }

        #expect(fixture.directory.holds("in/a.jpg"))
        let reason = try #require(try await departures.failed().first.first?.reason)
        #expect(reason.contains("its folder shows files of a watched folder: it lies in folder other"))
    }
}
