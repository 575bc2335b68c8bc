import Sandbox
import SystemPackage
import Testing

extension EndToEnd {
    /// Pixels and durations: in the manifest, against the user's rules, and against what a provider publishes.
    struct MeasureTests {
        /// A small video that says how long it is. Nobody looks at its pictures.
        static func video(milliseconds: Int) -> [UInt8] {
            var video = Media.sample("teaser.mp4")
            let header = Array("mvhd".utf8)
            guard let place = video.indices.first(where: { video[$0...].starts(with: header) }) else { return [] }
            // Behind the type: a version, two times, then the units of a second, and how many there are.
            for (offset, number) in [(16, 1000), (20, milliseconds)] {
                let bytes = withUnsafeBytes(of: UInt32(number).bigEndian, Array.init)
                video.replaceSubrange(place + offset..<place + offset + 4, with: bytes)
            }
            return video
        }

        @Test(.timeLimit(.minutes(5)))
        func `what breaks a rule is rejected without a call, what only a provider publishes goes up with a warning`()
            async throws
        {
            let folder = Bench.Folder(
                account: "linkedin",
                lines: ["limits: {video: {seconds: 2..}, image: {pixels: 300}}"]
            )
            try await withBench([folder]) { bench in
                try await bench.withDaemon { daemon in
                    try bench.write(Self.video(milliseconds: 1999), to: "inbox/short.mp4")
                    try bench.write(Media.jpeg(), to: "inbox/small.jpg")
                    let rejected = try await bench.waitForRejection("inbox/short.mp4")
                    let small = try await bench.waitForEntry("inbox/small.jpg")
                    try bench.write(Self.video(milliseconds: 2400), to: "inbox/warned.mp4")
                    let warned = try await bench.waitForEntry("inbox/warned.mp4")

                    #expect(rejected.code == "unsuitable", "\(rejected)")
                    #expect(rejected.reason.contains("lasts 1.999 s; the limit is at least 2 s: make it longer"))
                    #expect(small.width == 16 && small.height == 16 && small.durationMs == nil && small.warnings == nil)
                    #expect(warned.durationMs == 2400 && warned.width != nil && warned.height != nil)
                    #expect(warned.warnings?.map(\.code) == ["too-small", "too-short"])
                    let text = "this video lasts 2.4 s; LinkedIn takes 3 s at least"
                    #expect(warned.warnings?.last?.text == text)
                    try await daemon.waitForLog("a post of it may fail")
                    let why = try await bench.run("why", bench.path("inbox/warned.mp4").string)
                    #expect(why.output.contains("0:02 · ") && why.output.contains(text), "\(why)")
                    let told = try await bench.run("why", "--json", bench.path("inbox/warned.mp4").string)
                    #expect(told.output.contains(#""code":"too-short""#), "\(told)")
                }

                #expect(bench.page.assets.count == 2)
                let list = try await bench.run(
                    "manifest",
                    "get",
                    bench.path("inbox/warned.mp4").string,
                    "--field",
                    "durationMs"
                )
                #expect(list.output == "2400\n", "\(list)")
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a video that does not tell its duration is not rejected by a rule, and has its warning after a restart`()
            async throws
        {
            let folder = Bench.Folder(lines: ["limits: {video: {seconds: 2..}}"])
            try await withBench([folder]) { bench in
                try bench.writeKey("pb_live_wrong", of: "main")
                try await bench.withDaemon { daemon in
                    try bench.write(Self.video(milliseconds: 0), to: "inbox/a.mp4")
                    try await daemon.waitForLog("account blocked")
                }
                try bench.writeKey("pb_live_sandbox", of: "main")
                try await bench.withDaemon { _ in
                    let entry = try await bench.waitForEntry("inbox/a.mp4")

                    #expect(entry.warnings?.map(\.code) == ["unmeasured"] && entry.durationMs == nil)
                    #expect(entry.width == 32 && entry.height == 32)
                }
            }
        }
    }
}
