"""Open a saved mail and list what is attached to it; :mod:`ledgerbook.intake.pipeline` reads that.

What a mail passes, in this order::

    pipeline.read_return ─ mail_detection (is it a mail?) ─ message.list_attachments
        ─ mime or msg (which parts are attachments: mime._is_attachment) ─▶ EmailAttachment
    pipeline._list_archive ─ mail_notice (the notice about the mail itself)
    pipeline._read_member, for each attachment ─▶ pipeline.read_return, as for any file:
        file_check.find_file_problem, identity.find_non_return_kind, then the workbook
"""
