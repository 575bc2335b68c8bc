// Every family that `GET /metrics` can show, in its order. `docs/operating.md` has the same list for people.
//
// Labels come from the configuration and from closed lists alone: never a path, an id or the host of a URL.

extension MetricFamily {
    static let buildInfo = MetricFamily("outtray_build_info", .gauge, "The version that runs. Always 1.")
    static let files = MetricFamily(
        "outtray_files",
        .gauge,
        "Files that the ledger knows, by folder and state. An empty folder stands for files of no present folder."
    )
    static let waitingFiles = MetricFamily(
        "outtray_waiting_files",
        .gauge,
        "Files that wait, by what they wait for now and account. An empty account: none is known yet."
    )
    static let oldestWaiting = MetricFamily(
        "outtray_oldest_waiting_seconds",
        .gauge,
        "How long the file has waited that has waited longest, by cause and account."
    )
    static let settleWait = MetricFamily(
        "outtray_settle_wait_seconds",
        .histogram([0.3, 1, 3, 10, 30, 100, 300, 1000, 3600]),
        "From the first notice of a file until it had settled."
    )
    static let paceShare = MetricFamily(
        "outtray_pace_share",
        .gauge,
        "The part of its rates that the account uses: 1, and less after refusals."
    )
    static let watchedDirectories = MetricFamily(
        "outtray_watched_directories",
        .gauge,
        "Directories of the folder, by how they are watched: inotify or polling."
    )
    static let accountBlocked = MetricFamily(
        "outtray_account_blocked",
        .gauge,
        "1 while all files of the account wait for this one cause, else 0."
    )
    static let uploads = MetricFamily(
        "outtray_uploads_total",
        .counter,
        "Tries at files that ended, by account and outcome."
    )
    static let uploadSize = MetricFamily(
        "outtray_upload_size_bytes",
        .histogram([16, 18, 20, 22, 24, 26, 28, 30, 32].map { Double(1 << $0) }),
        "The sizes of files that went up."
    )
    static let uploadDuration = MetricFamily(
        "outtray_upload_duration_seconds",
        .histogram([0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000, 3000]),
        "From the begin of a file's last try until it was recorded as up."
    )
    static let sentBytes = MetricFamily(
        "outtray_sent_bytes_total",
        .counter,
        "Bytes of files that were handed to connections, failed tries included."
    )
    static let apiRequests = MetricFamily(
        "outtray_api_requests_total",
        .counter,
        "Calls to providers' APIs, by account, call and code. The code is 2xx, a status, or what kept an answer away."
    )
    static let apiDuration = MetricFamily(
        "outtray_api_request_duration_seconds",
        .histogram([0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30]),
        "How long calls to providers' APIs took."
    )
    static let overflows = MetricFamily(
        "outtray_watch_overflows_total",
        .counter,
        "How often events of the folder were lost. Each time, the folder was scanned."
    )
    static let rescans = MetricFamily("outtray_rescans_total", .counter, "Scans of whole folders, by cause.")
    static let commitDuration = MetricFamily(
        "outtray_ledger_commit_duration_seconds",
        .histogram([0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10]),
        "How long commits of the ledger took. Many writes share a commit."
    )
    static let hookRuns = MetricFamily(
        "outtray_hook_runs_total",
        .counter,
        "Runs of hooks that ended: delivered, failed (will be tried again), or dropped (failed for the last time)."
    )
    static let ledgerBytes = MetricFamily("outtray_ledger_bytes", .gauge, "The size of the ledger, its log included.")
    static let revision = MetricFamily("outtray_manifest_revision", .gauge, "The newest revision of the manifest.")

    static let fleetReachable = MetricFamily(
        "outtray_fleet_reachable",
        .gauge,
        "1 while the fleet can be asked, else 0. Left out without a fleet, as all of these."
    )
    static let fleetHosts = MetricFamily(
        "outtray_fleet_hosts",
        .gauge,
        "Hosts of the fleet, by whether they show signs of life: alive or silent."
    )
    static let fleetUnpublished = MetricFamily(
        "outtray_fleet_unpublished_changes",
        .gauge,
        "Changes of the manifest that the fleet does not have yet."
    )
    static let fleetAdopted = MetricFamily(
        "outtray_fleet_adopted_total",
        .counter,
        "Files whose bytes another host had brought up."
    )
    static let fleetTakeovers = MetricFamily(
        "outtray_fleet_takeovers_total",
        .counter,
        "Contents that this host has taken over from silent hosts."
    )
    static let fleetDuplicates = MetricFamily(
        "outtray_fleet_duplicates_total",
        .counter,
        "Assets of this host that are surplus: another host had brought the same bytes up."
    )

    static let cpu = MetricFamily("process_cpu_seconds_total", .counter, "User and system time of the process.")
    static let openFiles = MetricFamily("process_open_fds", .gauge, "Open file descriptors.")
    static let maxFiles = MetricFamily("process_max_fds", .gauge, "The most descriptors that may be open.")
    static let memory = MetricFamily("process_resident_memory_bytes", .gauge, "Resident memory of the process.")
    static let startTime = MetricFamily(
        "process_start_time_seconds",
        .gauge,
        "When the process began, in seconds since 1970."
    )

    /// All families, in the order of the output.
    package static let all = [
        buildInfo, files, waitingFiles, oldestWaiting, settleWait, accountBlocked, paceShare, watchedDirectories,
        uploads, uploadSize, uploadDuration, sentBytes, apiRequests, apiDuration,
        overflows, rescans, hookRuns, commitDuration, ledgerBytes, revision, fleetReachable, fleetHosts,
        fleetUnpublished,
        fleetAdopted, fleetTakeovers, fleetDuplicates, cpu, openFiles, maxFiles, memory,
        startTime,
    ]
}
