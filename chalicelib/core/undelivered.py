"""Why a notice never arrived, in plain words: one for each reason that a channel or a provider gives.

Each reads after a colon, and says what a person can put right. A provider's reason is made of several
words, the first ones the weightiest, and what nobody foresaw is said by as many of them as are known.
"""

WHY = {
    # Whom to tell.
    "no_contact": "the contacts name nobody for that role, or do not know the person who fills it",
    "no_address": "the contacts hold no address for whoever fills that role",
    "no_manager": "the contacts name no manager for them",
    "no_deputy": "the contacts name no deputy for them",
    "suppressed": "an earlier message to their address was sent back for good, so nothing more is sent there",
    # What to say, and how.
    "no_wording": "this release of the service has no words for it",
    "no_channel": "the contact names a way of sending that this release of the service does not have",
    "not_sendable": "what the contacts hold for them is no address that can be sent to",
    "no_such_topic": "the topic that the contact names does not exist, or is closed",
    "topic_not_allowed": "this service is not allowed to publish on the topic that the contact names",
    # Our provider, asked for about a day.
    "rejected": "the provider that sends our letters would not send it",
    "account_suspended": "the provider that sends our letters has closed our account",
    "refused": "the provider that sends our letters refused it for about a day",
    "unavailable": "the provider that sends our letters was out of order for about a day",
    "throttled": "the provider that sends our letters would take no more of them for about a day",
    "not_asked": "the provider that sends our letters could not be reached for about a day",
    "unknown_outcome": "the provider that sends our letters never said what became of it",
    "gave_up": "it was begun again and again, and never finished",
    # What became of it on its way.
    "delayed": "the mail server at their address has not taken it for hours",
    "bounce": "it was sent back",
    "bounce_undetermined": "it was sent back, without a reason that can be read",
    "bounce_permanent": "their address does not work, and it was sent back for good",
    "bounce_permanent_noemail": "there is no such address, and it was sent back for good",
    "bounce_permanent_suppressed": "their address has not worked for others either, so it was not sent on",
    "bounce_permanent_onaccountsuppressionlist": (
        "an earlier message to their address was sent back for good, so nothing more is sent there"
    ),
    "bounce_transient": "it was sent back for now, or by somebody's notice of absence",
    "bounce_transient_mailboxfull": "their mailbox is full",
    "bounce_transient_messagetoolarge": "the mail server at their address found it too large",
    "bounce_transient_contentrejected": "the mail server at their address would not take what it says",
    "bounce_transient_attachmentrejected": "the mail server at their address would not take what it holds",
    "bounce_transient_customtimeoutexceeded": "the mail server at their address has not taken it for hours",
    "complaint": "it arrived and was marked as unwanted, so it may not have been read",
    "reject": "the provider that sends our letters held it back as harmful",
    "rendering failure": "the provider that sends our letters could not put it together",
    # What this service could not work on.
    "unreadable": "what is stored of it can no longer be read",
    "restored_in_doubt": "what is stored was restored from a copy, and nobody knows whether it had been sent",
    "set_aside": "it was taken out of the way of the others, for whoever runs this service to look at",
    # What was found out afterwards.
    "unreconciled": "a day later there was still no sign that it had been sent",
    # States, where no reason came with one.
    "failed": "it could not be sent",
    "bounced": "it was sent back",
    "complained": "it arrived and was marked as unwanted, so it may not have been read",
}
UNFORESEEN = "something went wrong that nobody foresaw"


def said_why(reason: str) -> str:
    """Return a reason in plain words, by as many of its own as are known."""
    words = reason.lower()
    while words:
        if words in WHY:
            return WHY[words]
        words = words.rpartition("_")[0]
    return UNFORESEEN
