"""Open a saved mail and list what is attached to it; :mod:`ledgerbook.intake.pipeline` reads that.

What a mail and its attachments pass, in this order::

    pipeline.read_return(mail)         file_check.find_file_problem, identity.find_non_return_kind
        mail_detection, message        is it a mail?
        mail_notice                    the notice about the mail itself
        archives.list_members          how many attachments, how large together
            mime or msg                which parts are attachments: mime._is_attachment
    pipeline._read_member(attachment)  archives.extract_member refuses one with an
                                       EmailAttachment.code; at most file_check.MAX_FILE_SIZE
    pipeline.read_return(attachment)   from here on as any file
"""
