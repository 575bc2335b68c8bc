/// Keeps the process's nice value for all its threads.
///
/// Dispatch, beneath Swift's tasks, gives each of its threads a nice value by its class of service (-4 to 4). As root that
/// undoes nice(1) and the unit's Nice=; any other user may not lower a nice value, and then each such thread puts "Failed
/// to set thread priority" into the journal. How nice the service is, is the administrator's to say, so Dispatch's calls
/// find this function in the place of the C library's: it changes nothing and says so by success.
int setpriority(int which, unsigned int who, int priority) {
    (void)which;
    (void)who;
    (void)priority;
    return 0;
}
