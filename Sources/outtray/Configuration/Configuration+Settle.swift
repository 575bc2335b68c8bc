import Pipeline
import SystemPackage
import Watch

extension ConfigurationMapping {
    /// `settle`, `settle_renamed` and `min_age`.
    mutating func settle(_ folder: inout Configuration.Folder) {
        if let node = node("settle"), node.members != nil {
            var times = ConfigurationMapping(node)
            if let usual = times.duration("default") { folder.settle = usual }
            for member in node.members ?? [] where member.name != "default" {
                if let trouble = NamePatternText.trouble(with: member.name, all: "for all other files write default") {
                    times.report(member.keyNode.problem("\"\(member.name.cut)\": \(trouble)"))
                }
                if let time = times.duration(member.name) { folder.settleTimes.append((member.name, time)) }
            }
            adopt(times.finish())
        } else if let settle = duration("settle") {
            folder.settle = settle
        }
        if let renamed = duration("settle_renamed") { folder.settleRenamed = renamed }
        if let age = duration("min_age") { folder.minAge = age }
    }

    /// `done_suffix`. Patterns of `ignore` do not matter to markers. The names of unfinished files are no markers.
    mutating func done(_ folder: inout Configuration.Folder) {
        let expected = "an ending of names, such as .done"
        let done = value("done_suffix", expected: expected, hint: DoneSuffix.trouble) { DoneSuffix($0) }
        guard let done else { return }
        folder.done = done
        let example = "photo.jpg\(done.text)"
        guard let node = node("done_suffix"), let name = FilePath(example).lastComponent,
            IgnoreRules().ignores(name)
        else { return }
        report(
            node.problem("\(example) is the name of an unfinished file, and says nothing: take another ending")
        )
    }
}
