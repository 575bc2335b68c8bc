/// Whether a refusal that says nothing of its file is a verdict on the file after all.
///
/// It is none while the service may be at fault. Another file that has gone up since contradicts the refusal: the
/// service takes files, but not this one. What has gone up is read from the ledger
/// (``AssetBook/isRefusalContradicted(of:)``), so it holds over kills, restarts and other processes.
///
/// A value, so that its rule is tested by calling it; ``AccountLane`` brings the facts.
struct ServiceRefusal: Hashable, Sendable {
    let kind: ProviderError.Kind
    /// The file's tries, this one included.
    let tries: Int
    /// Whether another file has gone up since this one was first refused so.
    let isContradicted: Bool

    var isVerdict: Bool {
        guard kind.saysNothingOfFile, isContradicted else { return false }
        return kind == .refusedTicket || tries >= Schedules.triesInDoubt
    }
}
