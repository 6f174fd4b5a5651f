"""What the pages may ask of the daemon, over the socket of their own.

One word a line, sorted, so that two changes of a list merge.
"""

# What the pages may ask of the daemon, over their own socket.
WEB_VERBS = frozenset("""
    access
    account-drop
    account-set
    accounts
    answer
    ask
    assign
    audit
    calendar
    calendar-add
    calendar-drop
    calendar-import
    calendar-week
    catalogue
    check
    claim
    clock
    device-drop
    device-set
    devices
    exception
    explain
    grant
    home-set
    household-export
    household-import
    invite
    invite-take
    key-drop
    key-set
    log
    me
    open
    overview
    pause
    people
    person
    person-drop
    person-set
    plan
    preview
    print
    protection
    requests
    resume
    site
    sites
    sites-set
    status
    try
    try-confirm
    try-rollback
    undo
    visitor
    why
    window-default
    window-drop
    window-set
    """.split())
# Those that nobody with an account stands behind: they show, or a child asks, or
# somebody is about to get an account.
NAMELESS = frozenset("""
    accounts
    ask
    audit
    calendar
    catalogue
    check
    claim
    devices
    explain
    household-export
    invite-take
    log
    me
    overview
    people
    person
    plan
    preview
    print
    requests
    sites
    status
    visitor
    why
    """.split())
